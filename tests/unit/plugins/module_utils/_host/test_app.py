# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Found
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host import health, roll, starting, state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import Program
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site

SITE = Site("/", "localhost")


def test_the_salt_is_made_once_and_for_root_alone(app):
    salt = apps.salt(app.layout)
    assert len(salt) == 32
    assert apps.salt(app.layout) == salt
    assert stat.S_IMODE((Path(app.layout.state) / "salt").stat().st_mode) == 0o600


def test_who_only_asks_leaves_no_salt_behind(app):
    assert apps.salt(app.layout, keep=False) != apps.salt(app.layout, keep=False)
    assert os.listdir(app.layout.state) == []


def test_marks_add_up(host):
    apps.mark(host.app, migrated="r1")
    apps.mark(host.app, initialised=True)
    apps.mark(host.app, migrated="r2")
    apps.mark(host.app)
    found = apps.observe(host.app)
    assert (found.initialised, found.migrated) == (True, {"r1", "r2"})


def test_a_bare_host_has_nothing(host):
    assert apps.observe(host.app) == Found(slots={"web:1": "", "web:2": ""})


def test_folders_that_were_never_made_hold_nothing(host):
    for name in ("releases", "activations", "venvs"):
        Path(host.app.layout.root / name).rmdir()
    assert apps.observe(host.app).releases == frozenset()


def test_unfinished_work_is_not_there(host):
    for path in ("releases/.work", "activations/.work", "venvs/half"):
        Path(host.app.layout.root / path).mkdir()
    found = apps.observe(host.app)
    assert not found.releases | found.activations | found.venvs


def test_a_host_says_what_it_serves(host):
    host.ship("a")
    host.deploy("a")
    host.supervisor.stop("web:2")
    found = apps.observe(host.app)
    assert (found.current, found.confirmed) == ("a", {"a"})
    assert (found.releases, found.venvs, found.activations) == ({"release-a"}, {"venv-a"}, {"a"})
    assert found.slots == {"web:1": "a/digest", "web:2": ""}


def test_a_host_that_was_not_set_up_is_an_error_that_says_what_to_type():
    with pytest.raises(SlipwayError, match=r"not set up for no-such-app: .*slipway\.flask\.setup"):
        apps.required("no-such-app")


def test_slots_that_run_the_activation_are_left_alone(host):
    host.ship("a")
    host.deploy("a")
    host.supervisor.stop("web:2")
    before = host.supervisor.pids["web:1"]
    assert roll.roll(host.app, SITE, "a") == ["web:2"]
    assert host.supervisor.pids["web:1"] == before


def test_a_slot_that_stays_unwell_stops_the_roll_and_shows_its_log(host):
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    host.sick = {"b"}
    state.link(host.app.layout.current, Path("activations/b"))
    log = Path(host.app.layout.log) / "web-1.log"
    log.write_text("of an earlier start\n", encoding="utf-8")
    start = host.supervisor.start

    def start_and_say(process: str) -> None:
        start(process)
        with log.open("a", encoding="utf-8") as stream:
            stream.write("\n".join(f"line {number}" for number in range(100)))

    host.supervisor.start = start_and_say
    with pytest.raises(SlipwayError, match="web:1 answers / with 500: oh no\nThe end of its log:\nline 75\n") as caught:
        roll.roll(host.app, SITE, "b")
    assert str(caught.value).endswith("line 99")
    assert "earlier" not in str(caught.value)
    assert host.supervisor.running("web:2") == "a"


def came_up(host, **processes):
    """Slots have two processes from now on, of which so many come up in each activation."""
    start, socket = host.supervisor.start, host.app.layout.slot_socket

    def start_some(process: str) -> None:
        start(process)
        with Path(f"{socket(*process.split(':'))}.up").open("a", encoding="utf-8") as up:
            up.write("1" * processes[host.supervisor.running(process)])

    host.supervisor.start = start_some
    return replace(host.app, programs=(Program("web", 2, "digest", 0.1, 2),))


def test_the_next_slot_waits_for_every_process_of_the_one_before(host):
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    state.link(host.app.layout.current, Path("activations/b"))
    with pytest.raises(SlipwayError, match=r"web:1 is not whole: 1 of 2 processes came up within 0\.1 s"):
        roll.roll(came_up(host, b=1), SITE, "b")
    assert host.supervisor.running("web:2") == "a"


def test_of_many_slots_a_third_are_restarted_together(host):
    host.ship("a")
    host.deploy("a")
    app = replace(host.app, programs=(Program("web", 6, "digest", 0.1, 1),))
    roll.roll(app, SITE, "a")
    host.ship("b")
    state.link(host.app.layout.current, Path("activations/b"))
    host.sick = {"b"}
    with pytest.raises(SlipwayError, match="web:1 answers / with 500"):
        roll.roll(app, SITE, "b")
    assert [host.supervisor.running(f"web:{number}") for number in range(1, 7)] == ["b", "b", "a", "a", "a", "a"]


def test_where_none_serves_the_others_follow_the_first_together(host, monkeypatch):
    host.ship("a")
    state.link(host.app.layout.current, Path("activations/a"))
    start, begun = host.supervisor.start, []

    def answer(*arguments):
        begun.append("asked")
        return host.answer(*arguments)

    monkeypatch.setattr(host.supervisor, "start", lambda process: (begun.append(process), start(process)))
    monkeypatch.setattr(health, "_once", answer)
    roll.roll(replace(host.app, programs=(Program("web", 3, "digest", 0.1, 1),)), SITE, "a")
    assert begun == ["web:1", "asked", "web:2", "web:3", "asked", "asked"]


def test_what_an_earlier_start_left_makes_no_slot_whole(host):
    host.ship("a")
    state.link(host.app.layout.current, Path("activations/a"))
    app = came_up(host, a=2, b=0)
    assert roll.roll(app, SITE, "a") == ["web:1", "web:2"]
    host.ship("b")
    state.link(host.app.layout.current, Path("activations/b"))
    with pytest.raises(SlipwayError, match="web:1 is not whole: 0 of 2"):
        roll.roll(app, SITE, "b")


def test_a_slot_that_wrote_nothing_says_so(host):
    host.ship("a")
    host.sick = {"a"}
    state.link(host.app.layout.current, Path("activations/a"))
    with pytest.raises(SlipwayError, match="Its log says nothing"):
        roll.roll(host.app, SITE, "a")


def test_going_back_to_before_the_first_release_keeps_the_sockets_held(host):
    host.ship("a")
    host.deploy("a")
    Path(host.app.layout.current).unlink()
    roll.hold(host.app)
    assert all(host.supervisor.pids[slot] for slot in ("web:1", "web:2"))
    assert host.slots == {""}


def in_the_background(host, monkeypatch, *states):
    """The app with a second program, of which supervisord says these words one after the other."""
    program = Program("mail", 1, "digest", 0.0, background=True)
    words = iter(states)
    monkeypatch.setattr(host.supervisor, "process", lambda _: {"statename": next(words), "pid": 1})
    log = Path(host.app.layout.log) / "mail-1.log"
    log.write_text("Traceback: no queue\n", encoding="utf-8")
    return replace(host.app, programs=(*host.app.programs, program))


def test_a_program_in_the_background_is_well_when_it_stays_up(host, monkeypatch):
    app = in_the_background(host, monkeypatch, "STARTING", "STARTING", "RUNNING")
    starting.stays(app, "mail:1")


def test_a_program_in_the_background_that_does_not_stay_up_shows_its_log(host, monkeypatch):
    app = in_the_background(host, monkeypatch, "STARTING", "BACKOFF")
    with pytest.raises(SlipwayError, match=r"(?s)mail:1 does not stay up, it is backoff.*no queue"):
        starting.stays(app, "mail:1")


def test_programs_that_serve_by_themselves_are_asked_at_their_ports(app):
    program = Program("web", 2, "digest", 5.0, port=8100, own=True)
    ports = [program.reach(app.layout, slot)(1.0).port for slot in ("web:1", "web:2", "trial-web:trial")]
    assert ports == [8101, 8102, 8100]


def test_a_process_that_dies_behind_its_server_is_no_good_trial(host):
    log = Path(host.app.layout.log) / "trial-web.log"
    log.write_text("", encoding="utf-8")
    host.ship("a")
    start = host.supervisor.start

    def dying(process):
        start(process)
        log.write_text("Mon Nov  2 03:04:05 2026 - DAMN ! worker 1 (pid: 9) died :( trying respawn ...\n")

    host.supervisor.start = dying
    said = "trial-web:trial answers, and then one of its processes dies"
    with pytest.raises(SlipwayError, match=said), roll.trial(host.app, "a") as begun:
        begun.judge(SITE)


def test_what_programs_there_are_is_a_matter_of_setup(app):
    apps.judge_programs(app, ())
    with pytest.raises(SlipwayError, match=r"has mail, web, and this host is set up for none\. Run: .*site"):
        apps.judge_programs(app, {"web": "x", "mail": "y"})
