#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A host on which no module can run: is it one that Python can be brought to? What it says goes to a person. Where Python is
# coming, because another run has begun that and was killed, its end is waited for, and 75 says that modules run by now.
set -u
if [ -e "$place" ] && ! flock --shared --nonblock 9 9< "$place"; then
    if flock --shared --timeout 3600 9 9< "$place" || [ ! -e "$place" ]; then
        exit 75
    fi
    echo "Packages of this host are being installed, and were not there after an hour. See: ps -ef | grep apt"
    exit 3
fi
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
