# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time: who comes second is told who is first, waits when asked to, and gets past the dead."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator

import pytest

from . import harm, inside
from .ground import Ground

LOCK, BUSY = f"{harm.STATE}/lock.json", f"{harm.STATE}/busy"
AT_WORK = f"flock {BUSY} sh -c 'echo $$ >/run/at-work; exec sleep 600' >/dev/null 2>&1 &"


@contextlib.contextmanager
def halted(here: Ground) -> Iterator[dict[str, object]]:
    """A deploy that holds the lock and does not move; the lock. It goes on afterwards."""
    playing = here.start("deploy")
    try:
        harm.when(here.host, harm.MOMENTS["lock"])
        os.kill(playing.process.pid, signal.SIGSTOP)
        yield json.loads(inside.lock(here.host))
        os.kill(playing.process.pid, signal.SIGCONT)
        playing.wait().good()
    finally:
        harm.kill_controller(playing, here)


@contextlib.contextmanager
def step_at_work(here: Ground) -> Iterator[None]:
    """Somebody's module call on the host that does not end."""
    inside.sh(here.host, f"rm -f /run/at-work; {AT_WORK} until [ -s /run/at-work ]; do sleep 0.05; done")
    yield
    inside.sh(here.host, "kill $(cat /run/at-work)")


@pytest.fixture
def foreign(here: Ground) -> Ground:
    """A host with the lock of a run that was killed on another controller."""
    here.project.new_page("Never shipped by who began it")
    playing = here.start("deploy", environment=harm.control_path(here))
    harm.when(here.host, harm.MOMENTS["lock"])
    harm.kill_controller(playing, here)
    inside.sh(here.host, f"""sed -i 's/"controller": ".*"/"controller": "another machine"/' {LOCK}""")
    return here


def test_second_is_refused_or_waits(here: Ground) -> None:
    here.project.new_page("The first of two")
    with halted(here) as lock:
        second = here.project.new_page("The second of two")
        here.play("deploy").bad(
            f"Another run holds the lock of blog: {lock['by']} (process {lock['pid']}, deploy), for"
        )
        waiting = here.start("deploy", extra={"deploy_lock_wait": 240})
        harm.until(lambda: "Waiting for the lock: Another run" in waiting.output, "the second to wait")
    assert waiting.wait().good().changed
    assert here.live() == second
    assert inside.lock(here.host) == ""


def test_lock_of_another_controller_holds_until_a_person_breaks_it(foreign: Ground) -> None:
    with step_at_work(foreign):
        # at once, and not when the step has ended
        foreign.play("deploy", limit=120).bad("Another run holds the lock of blog", "slipway.flask.unlock")
        foreign.play("unlock", extra={"unlock": "yes"}).bad("A step of that run is at work on this host right now")
    shown = foreign.play("unlock", extra={"unlock": "no"}).good()
    assert "on another machine, for deploy." in shown.output
    assert inside.lock(foreign.host)
    foreign.play("unlock", extra={"unlock": "yes"}).good()
    assert inside.lock(foreign.host) == ""
    foreign.play("deploy").good()
    assert foreign.live() == foreign.project.head


@pytest.mark.soak
def test_lock_of_another_controller_lapses(foreign: Ground) -> None:
    inside.sh(foreign.host, f"""sed -i 's/"renewed": [0-9]*/"renewed": 1/' {LOCK}""")
    foreign.play("deploy").good()
    assert foreign.live() == foreign.project.head
    assert inside.lock(foreign.host) == ""
