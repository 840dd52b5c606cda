# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import getpass
import os
import socket
import subprocess
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.plugin_utils import controller


@pytest.fixture
def process() -> subprocess.Popen[bytes]:
    child = subprocess.Popen(["sleep", "60"])
    yield child
    child.kill()
    child.wait()


def lock_of(pid: int, **changes: object) -> dict[str, object]:
    held = {"controller": controller.controller(), "pid": pid, "token": controller.process_token(pid)}
    return held | changes


def test_a_run_is_named_after_the_process_that_started_its_worker():
    run = controller.this_run("rollback")
    assert run["by"] == f"{getpass.getuser()}@{socket.gethostname()}"
    assert (run["pid"], run["act"], run["controller"]) == (os.getppid(), "rollback", controller.controller())
    assert run["token"] == controller.process_token(os.getppid())
    assert controller.this_run("deploy")["token"] == run["token"]


def test_a_run_is_dead_when_its_process_is_gone(process):
    lock = lock_of(process.pid)
    assert not controller.is_dead(lock)
    process.kill()
    process.wait()
    assert controller.is_dead(lock)


def test_a_pid_that_is_used_again_is_another_process(process):
    token = controller.process_token(process.pid)
    earlier = token.rpartition("/")[0] + "/1"
    assert token.rpartition("/")[2].isdigit()
    assert controller.is_dead(lock_of(process.pid, token=earlier))


@pytest.mark.parametrize("change", [{"controller": "tower"}, {"controller": None}, {"pid": None}, {"pid": "4711"}])
def test_of_a_run_of_somebody_else_nothing_is_known(change):
    gone = lock_of(2**22 + 1) | {"token": "another"}
    assert controller.is_dead(gone)
    assert not controller.is_dead(gone | change)


def test_a_process_whose_name_looks_like_a_status_is_read_right(tmp_path):
    tool = tmp_path / "a) R 1 (b"
    tool.symlink_to("/bin/sleep")
    child = subprocess.Popen([str(tool), "60"])
    try:
        started = controller.process_token(child.pid).rpartition("/")[2]
        assert started.isdigit()
        assert abs(int(started) - int(controller.process_token(os.getpid()).rpartition("/")[2])) < 10**7
    finally:
        child.kill()
        child.wait()


def test_containers_that_share_name_and_machine_id_are_told_apart(monkeypatch):
    """A pid of one means nothing in the other: its lock must not be taken over as that of a dead run."""
    here = controller.controller()
    assert here.startswith(socket.gethostname())
    monkeypatch.setattr(os, "readlink", lambda _: "pid:[1]")
    assert controller.controller() != here


def test_a_machine_without_an_identity_still_has_a_name(monkeypatch):
    def nothing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", nothing)
    monkeypatch.setattr(os, "readlink", nothing)
    assert controller.controller() == f"{socket.gethostname()}-unknown-unknown"
    assert controller.process_token(1).endswith("/1/")
