# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An environment is made as soon as its lock is known, and where it is not there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.action import environment
from ansible_collections.slipway.flask.plugins.module_utils._core.identity import venv_key

LOCK = "flask==3.1.2 --hash=sha256:0\n"
KEY = venv_key(hashlib.sha256(LOCK.encode()).hexdigest(), "3.11")


class Host:
    """Of an app, with these environments, and what the gate said early and says now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *there: str, early: Any = None, background: int = 0) -> None:
        self.calls: list[Any] = []
        self.facts = {"python": "3.11", "apps": {"blog": {"environments": list(there)}}}
        self.action = environment.ActionModule.__new__(environment.ActionModule)
        self.action._task = SimpleNamespace(args={}, async_val=background)
        self.action._execute_module = lambda **call: self.calls.append(call["module_args"]) or {"changed": True}
        monkeypatch.setattr(ActionBase, "run", lambda *_: {})
        self.patient: list[bool] = []
        monkeypatch.setattr(environment.beside, "early", lambda _path, patient: self.patient.append(patient) or early)

    def run(self, gate: Any) -> Any:
        self.action._task.args = {"name": "blog", "gate": gate}
        return self.action.run(task_vars={"ansible_facts": {"slipway": self.facts}})


@pytest.fixture
def lock(tmp_path: Path) -> str:
    (tmp_path / "lock.txt").write_text(LOCK)
    return str(tmp_path / "lock.txt")


def test_it_is_made_while_the_tests_go_on(monkeypatch: pytest.MonkeyPatch, lock: str) -> None:
    host = Host(monkeypatch, "3.11-another", early={"locks": {"3.11": lock}})
    assert host.run({"begun": "answer"}) == {"changed": True}
    assert host.calls == [{"name": "blog", "python": "3.11", "lock": LOCK}]
    assert host.patient == [True]


@pytest.mark.parametrize("begun", [True, False])
def test_a_host_that_has_it_is_not_asked(monkeypatch: pytest.MonkeyPatch, lock: str, begun: bool) -> None:
    host = Host(monkeypatch, KEY, early={"locks": {"3.11": lock}})
    gate = {"begun": "answer"} if begun else {"builds": {"3.11": {"lock": {"path": lock}}}}
    assert host.run(gate) == {"changed": False}
    assert host.calls == []


def test_a_gate_that_makes_no_lock_asks_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(monkeypatch, early={})
    assert host.run({"begun": "answer"}) == {"changed": False}
    assert host.calls == []


@pytest.mark.parametrize("gate", [{"begun": "answer"}, {}])
def test_in_the_background_it_waits_for_no_lock_and_brings_the_installer(
    monkeypatch: pytest.MonkeyPatch, gate: Any
) -> None:
    host = Host(monkeypatch, early={}, background=3600)
    assert host.run(gate) == {"changed": True}
    assert host.calls == [{"name": "blog"}]
    assert not any(host.patient)
