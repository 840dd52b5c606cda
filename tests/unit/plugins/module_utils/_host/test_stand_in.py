# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who serves while the slots are restarted, on a host that behaves as if it had a supervisord."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host import stand_in
from ansible_collections.slipway.flask.plugins.module_utils._host.app import Program
from ansible_collections.slipway.flask.plugins.module_utils._host.state import link


@pytest.fixture
def stopped(host: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Each slot of `web` that was stopped since `a` is live, and what the holder ran at that moment."""
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    found: list[tuple[str, str]] = []
    end = host.supervisor.end

    def told(process: str) -> None:
        if process in ("web:1", "web:2") and host.supervisor.running(process):
            found.append((process, host.supervisor.running("web:0")))
        end(process)

    monkeypatch.setattr(host.supervisor, "end", told)
    return found


def test_it_serves_while_the_slots_restart_together_and_then_holds_the_socket_again(host, stopped):
    host.deploy("b", alone=True)
    # neither is up again before the other stops
    assert stopped == [("web:1", "b"), ("web:2", "b")]
    assert (host.slots, apps.standing_in(host.app)) == ({"b"}, {})


def test_a_rollback_has_one_too(host, stopped):
    host.deploy("b", alone=True)
    del stopped[:]
    run = host.new_run("rollback")
    chosen = host.act(run, "selected", to=None)
    host.act(run, "tried", chosen["activation"], then=["activated", "confirmed"])
    assert stopped == [("web:1", "a"), ("web:2", "a")]


def without(host: Any, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    match why:
        case "no room":
            monkeypatch.setattr(stand_in, "_available_mb", lambda: 99)
            monkeypatch.setattr(stand_in.processes, "memory_mb", lambda _: 50)
        case "a launcher of before":
            monkeypatch.setattr(host.supervisor, "_wanted", lambda: "")
        case "it dies":
            memory = stand_in.StandIn.begin

            def begin(self: Any, like: int) -> None:
                memory(self, like)
                host.supervisor.start("web:0")

            monkeypatch.setattr(stand_in.StandIn, "begin", begin)


@pytest.mark.parametrize("why", ["no room", "a launcher of before", "it dies"])
def test_where_there_is_none_one_slot_goes_on_while_the_other_restarts(host, monkeypatch, stopped, why):
    without(host, monkeypatch, why)
    host.deploy("b", alone=True)
    assert [slot for slot, _holder in stopped] == ["web:1", "web:2"]
    assert (host.slots, apps.standing_in(host.app)) == ({"b"}, {})


def test_a_process_of_the_app_that_keeps_the_lock_keeps_nobody_from_deploying(host, stopped):
    path = Path(host.app.layout.stand_in)
    path.touch()
    with path.open(encoding="utf-8") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_SH)
        host.deploy("b", alone=True)
    assert stopped == [("web:1", ""), ("web:2", "")]


@pytest.mark.parametrize(
    "program",
    [Program("web", 1, "digest", 5.0), Program("web", 2, "digest", 5.0, port=8100)],
    ids=["one slot", "ports"],
)
def test_an_app_that_bears_no_process_more_gets_none(host, program):
    spare = stand_in.StandIn(replace(host.app, programs=(program,)), "a")
    spare.begin(like=0)
    assert not Path(host.app.layout.stand_in).exists()


def test_one_that_is_not_well_keeps_the_slots_as_they_are(host, stopped, monkeypatch):
    serves = stand_in.StandIn.serves

    def sick(self: Any, *arguments: Any) -> bool:
        host.sick = {"b"}
        return serves(self, *arguments)

    monkeypatch.setattr(stand_in.StandIn, "serves", sick)
    with pytest.raises(SlipwayError, match=r"web:0 answers / with 500: oh no(?s:.*)This host is back on a\."):
        host.deploy("b", alone=True)
    assert stopped == []
    assert (host.live, host.slots, apps.standing_in(host.app)) == ("a", {"a"}, {})


def test_a_deploy_that_fails_before_it_is_needed_has_none_waiting(host, stopped, monkeypatch):
    def broken(*_: Any) -> bool:
        raise SlipwayError("a worker does not stay up")

    monkeypatch.setattr(stand_in.StandIn, "serves", broken)
    with pytest.raises(SlipwayError, match="a worker does not stay up"):
        host.deploy("b", alone=True)
    assert stopped == []
    assert (host.live, host.slots, apps.standing_in(host.app)) == ("a", {"a"}, {})


def test_one_of_a_killed_deploy_serves_until_the_slots_do(host, monkeypatch):
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    link(host.app.layout.current, Path("activations/b"))
    path = Path(host.app.layout.stand_in)
    path.write_text("b", encoding="utf-8")
    with path.open(encoding="utf-8") as killed:
        fcntl.flock(killed, fcntl.LOCK_EX)
        host.supervisor.start("web:0")
    path.write_text("b admitted", encoding="utf-8")
    for slot in ("web:1", "web:2"):
        host.supervisor.end(slot)
    stop, slots = host.supervisor.stop, []

    def told(process: str, wake: str = "") -> None:
        if process == "web:0":
            slots.append(host.slots)
        stop(process, wake)

    monkeypatch.setattr(host.supervisor, "stop", told)
    host.deploy("b", alone=True)
    assert slots == [{"b"}]
    assert (host.slots, apps.standing_in(host.app)) == ({"b"}, {})
