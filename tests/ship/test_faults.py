# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that die and hosts that restart: what must come back comes back without a person, within seconds."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests import hosts

from . import figures, inside
from .ground import Ground
from .harm import until
from .inside import APP
from .probe import Probe

UNIT, RUN = f"slipway-{APP}.service", f"/run/slipway/{APP}"
MASTER = f"$(cat {RUN}/supervisord.pid)"
SLOTS = f"pgrep -P {MASTER} -f uwsgi"
IN_FLIGHT = 1.0  # who dies takes the requests with it that it was answering
KILL = 'for pid in $victims; do kill -9 $pid; done; echo "$victims"'
# systemd would give a unit up that is started more than five times in ten seconds
AGAIN = f"""
for time in 1 2 3 4 5 6 7; do
  kill -9 $victim
  until now=$(systemctl show --property MainPID --value {UNIT}); [ $now -gt 0 ] && [ $now != $victim ]; do
    sleep 0.05
  done
  victim=$now
done
"""
RESTARTED_TWICE = f"""
systemctl restart {UNIT}
until [ -n "$(pgrep -u app-{APP} uwsgi)" ]; do sleep 0.01; done
systemctl restart {UNIT}
"""


@dataclass(frozen=True)
class Fault:
    """What is done to the host, in its shell, which prints whom it killed; seconds in which requests may fail."""

    name: str
    script: str
    outage: float = 0.0


FAULTS = (
    Fault("a worker", f"victims=$(pgrep -P $({SLOTS} | head -n1) | head -n1); {KILL}", outage=IN_FLIGHT),
    Fault("a slot", f"victims=$({SLOTS} | head -n1); {KILL}", outage=IN_FLIGHT),
    Fault("every slot", f"victims=$({SLOTS}); {KILL}", outage=IN_FLIGHT),
    Fault("supervisord", f"victims={MASTER}; {KILL}", outage=10),
    Fault("the unit is restarted", f"echo {MASTER}; systemctl restart {UNIT}", outage=20),
    Fault("the unit is restarted while its slots load", f"echo {MASTER}; {RESTARTED_TWICE}", outage=20),
    Fault("Debian's supervisord", "systemctl restart supervisor; systemctl kill --signal=KILL supervisor"),
    Fault("supervisor is installed anew", "apt-get install --reinstall --yes supervisor >/dev/null 2>&1"),
    Fault("nginx", "victims=$(cat /run/nginx.pid); " + KILL, outage=10),
)


def processes(here: Ground) -> frozenset[str]:
    return frozenset(inside.slots(here.host))


def comes_back(here: Ground, count: int, killed: frozenset[str]) -> None:
    """As many processes of the app as before, none of them one that was killed, and the site answers."""
    until(lambda: len(processes(here)) == count and not processes(here) & killed, "the slots to be whole")
    until(lambda: not inside.well(here.host) and bool(here.live()), "the site to be well")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_comes_back(shipped_ground: Ground, fault: Fault) -> None:
    here = shipped_ground
    before = processes(here)
    with Probe(here.url) as probe:
        killed = frozenset(inside.sh(here.host, fault.script).split())
        comes_back(here, len(before), killed)
    figures.write(fault.name, probe)
    assert killed or processes(here) == before
    assert figures.outage(probe) <= fault.outage


def test_unit_is_never_given_up(shipped_ground: Ground) -> None:
    count = len(processes(shipped_ground))
    inside.sh(shipped_ground.host, f"victim={MASTER}; {AGAIN}")
    comes_back(shipped_ground, count, frozenset())


def test_reboot(shipped_ground: Ground) -> None:
    here = shipped_ground
    before = processes(here)
    with Probe(here.url) as probe:
        hosts.restart(here.host)
        comes_back(here, len(before), frozenset())
    figures.write("reboot", probe)
    assert figures.outage(probe) <= 60
