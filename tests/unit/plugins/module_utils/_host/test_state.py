# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import stat
import time
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.ledger import Entry, Ledger
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Lock, row
from ansible_collections.slipway.flask.plugins.module_utils._host import command, state


def broken(*_arguments: object) -> None:
    raise OSError("no space left")


def test_a_file_is_written_whole_with_its_mode(tmp_path):
    state.write(tmp_path / "f", "héllo", mode=0o640)
    state.write(tmp_path / "f", b"\xff", mode=0o604, group=os.getegid())
    assert (tmp_path / "f").read_bytes() == b"\xff"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o604
    assert os.listdir(tmp_path) == ["f"]


def test_a_file_can_be_read_by_its_owner_alone_unless_said_otherwise(tmp_path):
    state.write(tmp_path / "f", "secret")
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600


@pytest.mark.parametrize("fault", ["fchown", "fchmod", "fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, fault):
    state.write(tmp_path / "f", "old")
    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space left"):
        patch.setattr(os, fault, broken)
        state.write(tmp_path / "f", "new")
    assert (tmp_path / "f").read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def test_nobody_else_can_read_a_file_before_it_has_its_mode(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(os, "fchown", lambda handle, *_: seen.append(stat.S_IMODE(os.fstat(handle).st_mode)))
    os.umask(os.umask(0o022))
    state.write(tmp_path / "f", "secret", mode=0o644)
    assert seen == [0o600]


def test_a_link_is_written_through_by_nothing(tmp_path):
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "f").symlink_to("victim")
    state.write(tmp_path / "f", "new")
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (tmp_path / "f").is_symlink()


def test_a_link_is_replaced_in_one_step(tmp_path):
    link = tmp_path / "current"
    assert state.linked(link) is None
    for name in ("a", "b"):
        state.link(link, Path("activations") / name)
        assert (os.readlink(link), state.linked(link)) == (f"activations/{name}", name)
    assert os.listdir(tmp_path) == ["current"]


def test_a_link_that_cannot_be_replaced_stays_and_nothing_is_left(tmp_path, monkeypatch):
    state.link(tmp_path / "current", Path("activations/a"))
    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space left"):
        patch.setattr(os, "replace", broken)
        state.link(tmp_path / "current", Path("activations/b"))
    assert state.linked(tmp_path / "current") == "a"
    assert os.listdir(tmp_path) == ["current"]


def test_what_is_no_link_points_nowhere(tmp_path):
    (tmp_path / "current").mkdir()
    assert state.linked(tmp_path / "current") is None


def test_a_missing_file_is_nothing_and_a_damaged_one_an_error(tmp_path):
    assert state.read(tmp_path / "f.json") is None
    (tmp_path / "f.json").write_text('{"half": ')
    with pytest.raises(SlipwayError, match=r"f\.json is damaged: .*Restore it"):
        state.read(tmp_path / "f.json")


def test_what_is_dumped_is_read_back(tmp_path):
    value = {"b": [1, None], "a": "é"}
    state.write(tmp_path / "f.json", state.dumps(value))
    assert state.read(tmp_path / "f.json") == value


def test_ledger_and_lock_of_a_host_without_any(app):
    assert state.ledger(app.layout) == Ledger()
    assert state.lock(app.layout) is None


def test_ledger_and_lock_are_read_back(app):
    ledger = Ledger((Entry("a", "r", "c", "d", None, "me", "t"),))
    lock = Lock("token", "me", "here", 1, "deploy", 1.0, 2.0)
    state.write_ledger(app.layout, ledger)
    state.write(app.layout.state / "lock.json", json.dumps(row(lock)))
    assert (state.ledger(app.layout), state.lock(app.layout)) == (ledger, lock)


def test_one_call_at_a_time(app, monkeypatch):
    monkeypatch.setattr(state, "BUSY_SECONDS", 0.1)
    assert not state.busy(app.layout)
    with state.exclusive(app.layout):
        assert state.busy(app.layout)
        with pytest.raises(SlipwayError, match=r"still at work on this host.*fuser -v"), state.exclusive(app.layout):
            raise AssertionError("two at once")
    assert not state.busy(app.layout)
    with state.exclusive(app.layout):
        assert state.busy(app.layout)


def test_a_call_waits_for_the_one_before_it(app):
    context = multiprocessing.get_context("fork")
    begun, may_end = context.Event(), context.Event()

    def earlier() -> None:
        with state.exclusive(app.layout):
            begun.set()
            may_end.wait(10)
            (Path(app.layout.state) / "done").touch()

    process = context.Process(target=earlier)
    process.start()
    assert begun.wait(10)
    may_end.set()
    with state.exclusive(app.layout):
        assert (Path(app.layout.state) / "done").exists()
    process.join()


def test_a_killed_call_keeps_nobody_waiting(app, monkeypatch):
    monkeypatch.setattr(state, "BUSY_SECONDS", 5)
    context = multiprocessing.get_context("fork")
    begun = context.Event()

    def killed() -> None:
        with state.exclusive(app.layout):
            begun.set()
            context.Event().wait(60)

    process = context.Process(target=killed)
    process.start()
    assert begun.wait(10)
    process.kill()
    process.join()
    with state.exclusive(app.layout):
        assert state.busy(app.layout)


def patient(wait: float, condition) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + wait
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


def module(app, ready: Path) -> None:
    """A module call at a long command of the app."""
    with state.exclusive(app.layout):
        command.run(["sh", "-c", f"echo $$ > {ready}.tmp; mv {ready}.tmp {ready}; exec sleep 60"], timeout=60)


def test_a_command_that_outlives_its_killed_call_keeps_others_out(app, tmp_path):
    ready = tmp_path / "ready"
    call = multiprocessing.get_context("fork").Process(target=module, args=(app, ready))
    call.start()
    assert patient(10, ready.exists)
    call.kill()
    call.join()
    assert state.busy(app.layout)
    os.kill(int(ready.read_text()), signal.SIGKILL)
    assert patient(10, lambda: not state.busy(app.layout))


def test_what_a_finished_command_left_behind_keeps_nobody_out(app, tmp_path):
    with state.exclusive(app.layout):
        command.run(["sh", "-c", f"setsid sleep 60 & echo $! > {tmp_path}/left"], timeout=60)
        assert state.busy(app.layout)
    assert not state.busy(app.layout)
    os.kill(int((tmp_path / "left").read_text()), signal.SIGKILL)


def test_who_waits_may_be_told_not_to(app):
    def refuse() -> None:
        raise SlipwayError("not today")

    with (
        state.exclusive(app.layout),
        pytest.raises(SlipwayError, match="not today"),
        state.exclusive(app.layout, refuse),
    ):
        raise AssertionError("two at once")
