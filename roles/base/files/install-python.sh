#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Brings Python to a bare Debian, so that Ansible's modules can run there. What it says goes to a person.
set -u
if command -v python3 > /dev/null; then
    echo "This host has Python, and still could not be looked at:"
    exit 3
fi
[ -r /etc/os-release ] && . /etc/os-release
case "${ID:-} ${VERSION_ID:-}" in
    "debian 12" | "debian 13") ;;
    *)
        echo "This host is ${PRETTY_NAME:-no Linux that says its name}. slipway.flask serves on Debian 12 and 13."
        exit 3
        ;;
esac
if [ "$(id -u)" != 0 ]; then
    echo "Installing Python needs root: log in as root, or as a user with sudo and become: true."
    exit 3
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Languages=none -qq update > "$log" 2>&1 &&
    apt-get -o DPkg::Lock::Timeout=300 -qqy install --no-install-recommends python3 python3-apt >> "$log" 2>&1; then
    rm -f "$log"
    exit 0
fi
echo "apt-get could not install python3 on this host:"
tail -n 5 "$log"
rm -f "$log"
exit 3
