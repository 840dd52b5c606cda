# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work beside the playbook: its answer comes whole or not at all, and it ends with who wants it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import command
from ansible_collections.slipway.flask.plugins.plugin_utils import beside

LIMIT = 20.0


@pytest.fixture(autouse=True)
def playbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside.controller, "this_run", lambda _act: {"pid": os.getpid()})


def eventually(seen: Any) -> bool:
    end = time.monotonic() + LIMIT
    while not seen() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(seen())


def test_the_answer_is_waited_for(tmp_path: Path) -> None:
    gate = tmp_path / "open"

    def work(_tell: beside.Tell) -> dict[str, Any]:
        assert eventually(gate.exists)
        return {"found": ["all well"]}

    path = beside.begin(work)
    assert Path(path).read_text() == ""
    gate.touch()
    assert beside.wait(path) == {"found": ["all well"]}
    assert not Path(path).exists()


def test_who_died_without_an_answer_is_no_success() -> None:
    path = beside.begin(lambda _tell: os._exit(1))
    with pytest.raises(SlipwayError, match="was killed"):
        beside.wait(path)


def test_it_outlives_the_worker_that_began_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, begun, playbook = tmp_path / "open", tmp_path / "begun", os.getpid()
    monkeypatch.setattr(beside.controller, "this_run", lambda _act: {"pid": playbook})

    def work(_tell: beside.Tell) -> dict[str, Any]:
        return {"found": eventually(gate.exists)}

    worker = os.fork()
    if not worker:
        os.setsid()
        begun.write_text(beside.begin(work))
        # what Ansible does to a worker that is still there when the play ends
        os.killpg(0, signal.SIGTERM)
    os.waitpid(worker, 0)
    gate.touch()
    assert beside.wait(begun.read_text()) == {"found": True}


def test_what_nobody_expected_is_told() -> None:
    with pytest.raises(SlipwayError, match=r"failed\. ZeroDivisionError: "):
        beside.wait(beside.begin(lambda _tell: {"found": 1 // 0}))


def test_it_ends_with_the_playbook(tmp_path: Path) -> None:
    note, begun = tmp_path / "process", tmp_path / "begun"

    def work(_tell: beside.Tell) -> dict[str, Any]:
        command.run(["sh", "-c", f"echo $$ >{note}.new; mv {note}.new {note}; exec sleep 600"], timeout=600)
        return {}

    playbook = os.fork()
    if not playbook:
        begun.write_text(beside.begin(work))
        eventually(note.exists)
        os._exit(0)
    os.waitpid(playbook, 0)
    assert eventually(lambda: not Path("/proc", note.read_text().strip()).exists())
    assert eventually(lambda: not any(Path(begun.read_text() + end).exists() for end in ("", beside.EARLY)))


def test_it_ends_when_nobody_wants_its_answer(tmp_path: Path) -> None:
    note = tmp_path / "process"

    def work(_tell: beside.Tell) -> dict[str, Any]:
        command.run(["sh", "-c", f"echo $$ >{note}.new; mv {note}.new {note}; exec sleep 600"], timeout=600)
        return {}

    path = beside.begin(work)
    assert eventually(note.exists)
    beside.end(path)
    assert eventually(lambda: not Path("/proc", note.read_text().strip()).exists())
    assert not any(Path(path + end).exists() for end in ("", beside.EARLY))


def test_what_is_told_early_is_known_before_the_answer(tmp_path: Path) -> None:
    told, ended = tmp_path / "told", tmp_path / "ended"

    def work(tell: beside.Tell) -> dict[str, Any]:
        assert eventually(told.exists)
        tell({"locks": {"3.11": "lock"}})
        return {"found": eventually(ended.exists)}

    path = beside.begin(work)
    assert beside.early(path, patient=False) == {}
    told.touch()
    assert beside.early(path, patient=True) == beside.early(path, patient=False) == {"locks": {"3.11": "lock"}}
    assert Path(path).read_text() == ""
    ended.touch()
    assert beside.wait(path) == {"found": True}
    assert not Path(path + beside.EARLY).exists()


@pytest.mark.parametrize("end", [dict, lambda: os._exit(1), lambda: 1 // 0], ids=["silent", "killed", "failed"])
def test_who_waits_for_what_is_never_told_waits_until_the_end(end: Any) -> None:
    path = beside.begin(lambda _tell: end())
    assert beside.early(path, patient=True) == {}
    with contextlib.suppress(SlipwayError):
        beside.wait(path)
    assert not any(Path(path + of).exists() for of in ("", beside.EARLY))
