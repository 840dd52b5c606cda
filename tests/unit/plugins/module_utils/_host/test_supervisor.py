# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys
import time
import xmlrpc.client
from pathlib import PurePath

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import supervisor
from ansible_collections.slipway.flask.plugins.module_utils._host.supervisor import NOT_RUNNING, Supervisor


class Daemon:
    """supervisord: each state that it tells of a process, in turn, and how often that was told to stop."""

    def __init__(self, *states: str, deaf: int = 0) -> None:
        self.states, self.deaf, self.told = list(states), deaf, 0

    def getProcessInfo(self, _name: str) -> dict[str, object]:
        return {"statename": self.states.pop(0) if len(self.states) > 1 else self.states[0], "pid": 0}

    def stopProcess(self, _name: str, _wait: bool) -> bool:
        self.told += 1
        if self.told <= self.deaf:
            raise xmlrpc.client.Fault(NOT_RUNNING, "NOT_RUNNING")
        return True


def stop(daemon: object, monkeypatch: pytest.MonkeyPatch, pause: float = 0, wake: str = "") -> None:
    monkeypatch.setattr(supervisor, "STOP_PAUSE", pause)
    here = Supervisor("blog", PurePath("/nowhere"))
    here._proxy = daemon
    here.stop("web:1", wake)


# A master that notices the end of its child only when it is woken, and fails when that comes too early.
MASTER = """
import os, signal, subprocess, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
child = subprocess.Popen(["sleep", "0.3"])
print("up", flush=True)
os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
early = signal.sigpending()
child.wait()
signal.sigwait({signal.SIGUSR2})
sys.exit(bool(early))
"""


class Master:
    """supervisord, with a real process that it has told to end."""

    def __init__(self, text: str) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE)
        assert self.process.stdout
        with self.process.stdout as said:
            assert said.readline() == b"up\n"
        self.asked = 0

    def getProcessInfo(self, _name: str) -> dict[str, object]:
        self.asked += 1
        gone = self.process.poll() is not None
        return {"statename": "STOPPED" if gone else "STOPPING", "pid": 0 if gone else self.process.pid}

    def stopProcess(self, _name: str, _wait: bool) -> bool:
        return True


def test_it_is_woken_when_its_last_child_has_ended_and_its_own_end_is_noticed_when_it_comes(monkeypatch):
    daemon, begun = Master(MASTER), time.monotonic()
    stop(daemon, monkeypatch, pause=20, wake="SIGUSR2")
    assert time.monotonic() - begun < 10
    assert daemon.process.wait() == 0


def test_who_takes_longer_is_asked_for_again_and_again(monkeypatch):
    daemon = Master("import time; print('up', flush=True); time.sleep(0.3)")
    stop(daemon, monkeypatch, pause=0.02)
    assert daemon.asked > 3


def test_who_is_told_to_stop_is_waited_for_and_told_once(monkeypatch):
    daemon = Daemon("STOPPING", "STOPPING", "STOPPED")
    stop(daemon, monkeypatch)
    assert (daemon.told, daemon.states) == (1, ["STOPPED"])


def test_who_is_between_two_lives_is_told_in_the_next_one(monkeypatch):
    daemon = Daemon("EXITED", "EXITED", "STARTING", "STOPPING", "STOPPED", deaf=1)
    stop(daemon, monkeypatch)
    assert (daemon.told, daemon.states) == (2, ["STOPPED"])


def test_who_has_ended_and_is_not_started_again_is_waited_for_no_longer(monkeypatch):
    monkeypatch.setattr(supervisor, "RESPAWN_SECONDS", 0.05)
    daemon = Daemon("EXITED", deaf=1)
    stop(daemon, monkeypatch)
    assert daemon.told == 1


@pytest.mark.parametrize("state", ["STOPPED", "FATAL"])
def test_who_is_down_need_not_be_waited_for(state, monkeypatch):
    daemon = Daemon(state, deaf=1)
    stop(daemon, monkeypatch)
    assert daemon.told == 1


def test_waiting_has_a_limit(monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0)
    with pytest.raises(SlipwayError, match="web:1 has not ended within 0 s, though it was told to"):
        stop(Daemon("STOPPING"), monkeypatch)
