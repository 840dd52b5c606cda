# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that come to a bare host while steps go on there: killed, or failing in their last moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from . import harm, inside
from .commits import QUICK
from .ground import Ground

pytestmark = pytest.mark.soak
END, HOLD = "/etc/apt/apt.conf.d/99end", "/run/hold"
MOMENTS = {
    "no Python yet": "pgrep -x dpkg",
    "steps go on": "[ -e /etc/slipway/blog/app.json ]",
}


def at_its_end(here: Ground, command: str) -> None:
    """What apt does when all packages are there."""
    inside.sh(here.host, f"echo 'DPkg::Post-Invoke {{\"{command}\";}};' > {END}")


def assert_whole(here: Ground) -> None:
    """What one transaction leaves that nothing has disturbed, and the app."""
    assert here.live() == here.project.head
    assert len(inside.sh(here.host, "grep ^Commandline: /var/log/apt/history.log").splitlines()) == 1
    assert inside.sh(here.host, "ls /run/slipway-packages /usr/sbin/policy-rc.d 2> /dev/null || true") == ""
    assert inside.well(here.host) == []
    assert here.play("site").good().changed == 0


@pytest.mark.parametrize("debian", [12, 13])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_is_killed_meanwhile_ends_nothing(ground: Callable[..., Ground], moment: str, debian: int) -> None:
    here = ground(f"packages-{moment.replace(' ', '-').lower()}-{debian}", debian=debian, **QUICK)
    inside.sh(here.host, f"touch {HOLD}")
    at_its_end(here, f"while [ -e {HOLD} ]; do sleep 0.1; done")
    playing = here.start("site", environment=harm.control_path(here))
    try:
        harm.when(here.host, MOMENTS[moment])
    finally:
        harm.kill_controller(playing, here)
    assert inside.sh(here.host, "flock --nonblock /run/slipway-packages true || echo held") == "held"
    inside.sh(here.host, f"rm {HOLD}")
    here.play("site").good()
    assert_whole(here)


def test_what_goes_wrong_is_told_to_the_step_that_waits(ground: Callable[..., Ground]) -> None:
    here = ground("packages-broken", **QUICK)
    at_its_end(here, "false")
    failed = here.play("site").bad("apt-get could not install the packages of this host", "DPkg::Post-Invoke 'false'")
    assert "Wait for the packages that are on their way" in failed.output
    inside.sh(here.host, f"rm {END}")
    here.play("site").good()
    assert_whole(here)
