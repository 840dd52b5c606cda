#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Brings the packages "$@" to a bare Debian, Python among them, so that Ansible's modules can run there. What it reads
# are settings of apt: a proxy's address may hold a password. What it says goes to a person.
set -u
export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C.UTF-8
scratch=$(mktemp -d) placed=
trap 'rm -rf "$scratch" $placed' EXIT
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
if get -o Acquire::Languages=none -o APT::Update::Error-Mode=any update &&
    get -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -y --no-install-recommends install -- "$@"; then
    exit 0
fi
echo "apt-get could not install the packages of this host:"
tail -n 5 "$scratch/log"
if grep -q "Unable to locate package" "$scratch/log"; then
    echo "Debian has no package of that name. Correct it in app_system_packages, or in base_packages."
fi
exit 3
