# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import getpass
import multiprocessing
import os
import socket
import subprocess
import time
from multiprocessing.connection import Connection
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


def test_a_lock_that_was_taken_when_its_run_was_gone_already_is_dead(process):
    process.kill()
    process.wait()
    assert lock_of(process.pid)["token"].endswith("/")
    assert controller.is_dead(lock_of(process.pid))


def test_where_processes_cannot_be_seen_none_is_dead(process, monkeypatch):
    monkeypatch.setattr(controller, "_started", lambda _: "")
    assert not controller.is_dead(lock_of(process.pid))


def parent(sender: Connection) -> None:
    """ansible-playbook, which is killed before its worker says whose it is."""
    multiprocessing.get_context("fork").Process(target=worker, args=(os.getpid(), sender)).start()
    os._exit(1)


def worker(parent: int, sender: Connection) -> None:
    deadline = time.monotonic() + 10
    while os.getppid() == parent and time.monotonic() < deadline:
        time.sleep(0.01)
    sender.send(controller.this_run("deploy"))


def test_a_worker_whose_parent_was_killed_still_knows_whose_it_was():
    receiver, sender = multiprocessing.Pipe(duplex=False)
    killed = multiprocessing.get_context("fork").Process(target=parent, args=(sender,))
    killed.start()
    killed.join()
    assert receiver.poll(20)
    run = receiver.recv()
    assert run["pid"] == killed.pid
    assert controller.is_dead(run)


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


def test_a_process_whose_name_looks_like_a_status_is_read_right(process, tmp_path):
    tool = tmp_path / "a) R 1 (b"
    tool.symlink_to("/bin/sleep")
    child = subprocess.Popen([str(tool), "60"])
    try:
        odd, plain = (int(controller.process_token(pid).rpartition("/")[2]) for pid in (child.pid, process.pid))
        assert 0 <= odd - plain < 1000
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


def test_what_this_machine_lacks_is_said_with_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert controller.missing() == []
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [text.split()[0] for text in controller.missing()] == ["git", "ssh-keygen"]
    assert all("Type: apt install" in text for text in controller.missing())


def test_a_collection_that_only_some_inventories_need(monkeypatch):
    assert controller.lacking(["databases"]) == []
    monkeypatch.setitem(controller.COLLECTIONS, "databases", "nobody.has_it")
    assert controller.lacking([]) == []
    assert controller.lacking(["databases"]) == [
        "The group databases needs the collection nobody.has_it. Type: ansible-galaxy collection install nobody.has_it"
    ]
