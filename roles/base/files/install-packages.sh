#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Brings the packages "$@" to a bare Debian, Python among them. What it reads are settings of apt: a proxy's address may
# hold a password. On descriptor 4 it says when pip can fetch something, and when Ansible's modules can run. What it prints
# goes to a person; "$place" is there until it has done all it was to do.
set -u
export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C.UTF-8
scratch=$(mktemp -d) placed='' awaited=''
# who waits for the end goes on without what is in the way of services
trap 'rm -rf "$scratch" $placed $awaited' EXIT
trap 'exit 3' HUP INT TERM
export APT_CONFIG="$scratch/apt.conf"
cat > "$APT_CONFIG"

# A front server starts when it has a site: until then it would show visitors Debian's page. What keeps it from that is
# of no effect without this very process, told by its number and the moment when it began.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    placed=$policy
    moment="cut -d ' ' -f 22 /proc/$$/stat"
    cat > "$policy" << END
#!/bin/sh
[ "\$($moment 2> /dev/null)" = "$(eval "$moment")" ] || exit 0
case " \$* " in *" nginx "* | *" nginx.service "* | *" apache2 "* | *" apache2.service "*) exit 101 ;; esac
END
    chmod 755 "$policy"
fi

get() { apt-get -o DPkg::Lock::Timeout=300 -qq "$@" >> "$scratch/log" 2>&1; }
install() {
    get -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o APT::Status-Fd=3 \
        -y --no-install-recommends install -- "$@" 3>&1 || touch "$scratch/failed"
}
configured() { [ "$(dpkg-query -Wf '${db:Status-Status}\n' "$@" 2> /dev/null | grep -cx installed)" = $# ]; }
# apt tells with each step of each package what has become of it, and what it tells next comes after dpkg has written that
# down. It is listened to until its end, even where nobody waits for a word any more. pip works with a Python that is only
# unpacked; a module waits for the whole. Both want a list of certificates that nobody is writing.
follow() {
    trap '' PIPE
    due='' fetches=''
    while IFS=: read -r _ package _ state; do
        if [ -n "$due" ] && configured python3-pip-whl ca-certificates; then
            [ -n "$fetches" ] || echo fetch >&4 2> /dev/null
            fetches=yes
            if configured python3; then
                echo ready >&4 2> /dev/null
                break
            fi
        fi
        case "$package: $state" in
            "python3: Installed"* | "python3-pip-whl: Installed"* | "ca-certificates: Installed"*) due=yes ;;
            *) due='' ;;
        esac
    done
    cat > /dev/null
}
if get -o Acquire::Languages=none -o APT::Update::Error-Mode=any update; then
    install "$@" | follow
    if [ ! -e "$scratch/failed" ]; then
        awaited=$place
        exit 0
    fi
fi
echo "apt-get could not install the packages of this host:"
tail -n 5 "$scratch/log"
if grep -q "Unable to locate package" "$scratch/log"; then
    echo "Debian has no package of that name. Correct it in app_system_packages, or in base_packages."
fi
exit 3
