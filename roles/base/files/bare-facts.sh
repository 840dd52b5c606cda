#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a bare host is and has. Each line begins with what it tells of, so that nothing else is taken for one.
set -u
sed 's/^/os-release: /' /etc/os-release
sed 's/^/meminfo: /' /proc/meminfo
for table in tcp tcp6; do
    [ ! -r /proc/net/$table ] || sed "s/^/$table: /" /proc/net/$table
done
df -k --output=avail,file /srv /var 2> /dev/null | sed 's/^/free: /'
dpkg-query -Wf 'package: ${db:Status-Status} ${Package}\n'
echo "cores: $(nproc)"
