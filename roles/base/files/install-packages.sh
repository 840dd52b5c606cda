#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Brings Python to a bare Debian, so that Ansible's modules can run there, and what makes Python environments: one can
# be made while the other packages are installed. What it says goes to a person.
set -u
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Languages=none -qq update > "$log" 2>&1 &&
    apt-get -o DPkg::Lock::Timeout=300 -qqy install --no-install-recommends python3 python3-apt python3-venv >> "$log" 2>&1; then
    rm -f "$log"
    exit 0
fi
echo "apt-get could not install python3 on this host:"
tail -n 5 "$log"
rm -f "$log"
exit 3
