# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy that is killed: the site serves all the time, and the next run ends right whatever was half done."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from . import harm, inside
from .ground import Ground
from .probe import Probe

# Who is killed at which moment, and which commit is shipped next: the same, another, or the one that is live already.
SOME = (("migrate", "call", "same"), ("stands in", "call", "live"), ("roll", "controller", "other"))
# With the verdict the last call is as good as over: there may be none left to kill.
REST = (
    ("trial runs", "controller", "live"),
    *(
        (moment, who, "same")
        for moment in harm.MOMENTS
        for who in ("controller", "parent", "call")
        if (moment, who, "same") not in SOME and (moment, who) != ("verdict", "call")
    ),
)
# With ansible-playbook alone dead, its worker and connection live on, and with them the call on the host.
OUTCOMES = {"call": ("failed",), "controller": ("killed",), "parent": ("killed", "succeeded")}
NEXT: dict[str, Callable[[Ground, str], object]] = {
    "same": lambda _here, _live: None,
    "other": lambda here, _live: here.project.new_page("Shipped after a run that was killed"),
    "live": lambda here, live: here.project.reset(live),
}


def kill(here: Ground, moment: str, who: str) -> None:
    """Begin a deploy and kill it at that moment. With the call on the host dead, the controller itself goes back."""
    playing = here.start("deploy", environment=harm.control_path(here))
    try:
        harm.when(here.host, harm.MOMENTS[moment], harm.kill_holder(f"{harm.STATE}/busy") if who == "call" else "")
        if who == "call":
            assert playing.wait().rc > 0
        elif who == "parent":
            harm.kill_parent(playing)
        else:
            harm.kill_controller(playing, here)
    finally:
        harm.kill_controller(playing, here)
    assert who == "call" or moment == "verdict" or playing.process.returncode == -signal.SIGKILL


def assert_right(here: Ground) -> None:
    """What a deploy that nobody disturbed leaves."""
    assert here.live() == here.project.head
    assert inside.lock(here.host) == ""
    assert inside.half_made(here.host) == []
    assert inside.well(here.host) == []
    rows = inside.ledger(here.host)
    newest = {row["activation"]: row["verdict"] for row in rows}
    assert newest[inside.live(here.host)] == "good"
    assert "pending" not in newest.values()


def shipped_in_spite_of(here: Ground, moment: str, who: str, then: str) -> None:
    live = here.live()
    here.project.new_page(f"Killed: {who} at {moment}, then {then}")
    with Probe(here.url) as probe:
        shipped = here.project.head
        kill(here, moment, who)
        NEXT[then](here, live)
        here.play("deploy").good()
    assert not probe.failures
    assert_right(here)
    outcome = next(row["outcome"] for row in inside.history(here.host) if row["commit"] == shipped)
    assert outcome in OUTCOMES[who] or (moment, outcome) == ("verdict", "succeeded")
    before = inside.state(here.host)
    assert here.play("deploy").good().changed == 0
    assert inside.difference(before, inside.state(here.host)) == []


@pytest.mark.parametrize(("moment", "who", "then"), SOME)
def test_killed_run_is_made_good(here: Ground, moment: str, who: str, then: str) -> None:
    shipped_in_spite_of(here, moment, who, then)


@pytest.mark.soak
@pytest.mark.parametrize(("moment", "who", "then"), REST)
def test_run_killed_at_any_moment_is_made_good(here: Ground, moment: str, who: str, then: str) -> None:
    shipped_in_spite_of(here, moment, who, then)


@pytest.mark.soak
def test_setup_that_is_killed_among_its_files_is_made_good(here: Ground) -> None:
    wider = {"web_body_mb": 32}
    journal = f"{harm.FILE_SET}/journal.json"
    with Probe(here.url) as probe:
        playing = here.start("setup", extra=wider)
        harm.when(here.host, f"[ -e {journal} ]", harm.kill_holder(f"{harm.FILE_SET}/lock"))
        assert playing.wait().rc > 0
        assert inside.sh(here.host, f"cat {journal}")
        repaired = here.play("setup", "--diff", extra=wider).good()
    assert not probe.failures
    assert "client_max_body_size 32m" in inside.sh(here.host, "nginx -T 2>/dev/null")
    assert not inside.sh(here.host, f"cat {journal} 2>/dev/null || true")
    assert repaired.changed
    assert here.play("setup", extra=wider).good().changed == 0
    assert here.play("setup").good().changed
