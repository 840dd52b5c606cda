# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host looks like from within, past SSH and past the collection."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests import hosts
from tests.hosts import Host, machine

APP = "blog"
# Whatever an app or its setup may leave on a host; logs and what a running process writes are not the run's.
PLACES = ("/etc", "/srv", "/usr/local", "/opt", "/home", "/var/lib/dpkg/status", "/var/spool/cron")
# A run does not wait for the end of a trial that went well: it serves nobody.
STATE = f"""
n=0
while [ $n -lt 50 ] && grep -qsz '^SLIPWAY_SLOT=trial' /proc/[0-9]*/environ; do sleep 0.1; n=$((n + 1)); done
find {" ".join(PLACES)} -type d -printf '%p %#m %u %g\\n' -o -printf '%p %#m %u %g %s %C@ %l\\n' 2>/dev/null \\
  | grep -v -e '^/srv/[^ ]*/shared/data' -e '^/var/lib/slipway/[^ ]*/busy '
find /var/lib/slipway -type f -exec sha256sum {{}} + 2>/dev/null
for pid in $(pgrep -f '[/]etc/slipway/'); do echo "process $pid $(cut -d' ' -f22 /proc/$pid/stat)"; done
systemctl list-units --type=service --all --plain --no-legend --no-pager | grep -v -e systemd- -e user@ -e ssh \\
  | awk '{{print "unit", $1, $3, $4}}'
"""


def sh(host: Host, script: str) -> str:
    """What a shell script, run as root, prints; it must succeed."""
    return hosts.execute(host, "sh", "-c", script).stdout.decode(errors="replace").strip()


def trust(host: Host) -> None:
    """The host trusts what this machine trusts, before a run; under the names that ours would give."""
    for path in map(Path, machine.certificates()):
        target = f"/usr/local/share/ca-certificates/slipway-{path.stem}.crt"
        hosts.execute(host, "sh", "-c", f"cat >{target}", stdin=path.read_bytes())
    hosts.execute(host, "update-ca-certificates")


def state(host: Host) -> frozenset[str]:
    """Every file with owner, mode, size and time of change, every process of an app, every unit: a line each.

    What the collection notes about itself counts by its content.
    """
    return frozenset(sh(host, STATE).splitlines())


def difference(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """What is there now and was not, and the other way round; empty when nothing changed."""
    old, new = set(before), set(after)
    return [*(f"- {line}" for line in sorted(old - new)), *(f"+ {line}" for line in sorted(new - old))]


def live(host: Host, app: str = APP) -> str:
    """The activation that `current` points to."""
    return sh(host, f"readlink /srv/{app}/current | xargs -r basename")


def names(host: Host, folder: str) -> set[str]:
    return set(sh(host, f"ls -A {folder} 2>/dev/null || true").split())


def ledger(host: Host, app: str = APP) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(sh(host, f"cat /var/lib/slipway/{app}/ledger.json"))
    return rows


def history(host: Host, app: str = APP) -> list[dict[str, object]]:
    """The runs as the host has them in its file, oldest first."""
    lines = sh(host, f"cat /var/lib/slipway/{app}/history.jsonl").splitlines()
    return [json.loads(line) for line in lines]


def lock(host: Host, app: str = APP) -> str:
    """The content of the lock; empty when nobody holds it."""
    return sh(host, f"cat /var/lib/slipway/{app}/lock.json 2>/dev/null || true")


def shelf(host: Host, app: str = APP) -> dict[str, set[str]]:
    """What is kept of the app on disk."""
    return {folder: names(host, f"/srv/{app}/{folder}") for folder in ("releases", "activations", "venvs")}


def half_made(host: Host, app: str = APP) -> list[str]:
    """Whatever only a run in its middle may leave: lock, bundle, candidate, trial, temporary names, a stand-in."""
    found = sh(
        host,
        f"find /srv/{app}/incoming -mindepth 1 2>/dev/null;"
        f" find /srv/{app} /etc/slipway /var/lib/slipway /run/slipway -not -path '*/venvs/*/lib/*'"
        " \\( -name '*.new' -o -name '*.work' -o -name '.work*' -o -name '*.tmp' -o -name candidate"
        " -o -name lock.json -o -name 'trial-*' -a -not -name 'trial-*.sock' \\) 2>/dev/null;"
        " grep -lz SLIPWAY_STAND_IN= /proc/[0-9]*/environ 2>/dev/null;"
        f" ps -eo pid,user,args --no-headers | grep -e 'trial' -e ' build-{app} ' -e 'launch.py {app} exec'"
        " | grep -v -e 'grep' -e 'ps -eo' || true",
    )
    return found.splitlines()


def well(host: Host, app: str = APP) -> list[str]:
    """Why the app is not whole: units that failed, slots that run something else than `current`."""
    failed = sh(host, "systemctl list-units --state=failed --plain --no-legend --no-pager")
    running = slots(host, app)
    wrong = [f"slot {pid} runs {what}" for pid, what in running.items() if not what.startswith(live(host, app))]
    return [*failed.splitlines(), *wrong, *([] if running else ["no slot runs"])]


def slots(host: Host, app: str = APP) -> dict[str, str]:
    """Process of each slot -> what it runs."""
    script = (
        f"for pid in $(pgrep -u app-{app}); do tr '\\0' '\\n' </proc/$pid/environ"
        ' | sed -n "s/^SLIPWAY_GENERATION=/$pid /p"; done'
    )
    return dict(line.split(" ", 1) for line in sh(host, script).splitlines())
