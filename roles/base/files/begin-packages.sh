#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Starts "$transaction" for the packages "$@", and returns as soon as Ansible's modules can run. It goes on by itself, also
# when the connection is gone: who needs the packages waits for the lock of "$place" (module survey). So does "$fetch", a
# program of Python, if there is one; it says nothing, since what it fetches is fetched later where this has failed. The
# first line of what is read tells it how an index is reached; without one nobody knows.
set -u
export place
(umask 077 && : >> "$place")
[ -z "$fetch" ] || read -r index || fetch=
exec 3<&0
listen() {
    while read -r word; do
        [ "$word" != ready ] || return 0
        if [ -n "$fetch" ]; then
            { printf '%s' "$index" | setsid python3 -I -c "$fetch"; } > /dev/null 2>&1 3<&- &
        fi
    done
    return 1
}
if ! { setsid flock -o "$place" sh -c "$transaction" sh "$@" <&3 3<&- 4>&1 > "$place" 2>&1 & } | listen &&
    [ -e "$place" ]; then
    [ -s "$place" ] || echo "What installs the packages of this host was ended. Run this again."
    cat "$place"
    rm -f "$place"
    exit 3
fi
