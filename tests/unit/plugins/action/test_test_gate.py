# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate beside a playbook: begun before it is known for which Pythons, and held to that when it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.action import test_gate
from ansible_collections.slipway.flask.plugins.module_utils._core import gateoptions


class Gate:
    """Asked the last time for these Pythons."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *last: str, check: bool = False, here: bool = True) -> None:
        self.begun: list[list[str]] = []
        self.ended: list[str] = []
        self.action = test_gate.ActionModule.__new__(test_gate.ActionModule)
        self.action._task = SimpleNamespace(check_mode=check)
        self.action._connection = SimpleNamespace(transport="local" if here else "ssh", become=False)
        self.action._display = None
        self.action._execute_module = lambda **_: {"builds": "by the module"}
        monkeypatch.setattr(ActionBase, "run", lambda *_: {})
        monkeypatch.setattr(test_gate.gate, "last_pythons", lambda _given: list(last))
        monkeypatch.setattr(test_gate.gate_answer, "ask", lambda given, _check: {"found": {"builds": given["pythons"]}})
        monkeypatch.setattr(test_gate.gate_answer, "told", lambda answer, _display: answer["found"])
        monkeypatch.setattr(test_gate.beside, "begin", self._begin)
        monkeypatch.setattr(test_gate.beside, "end", self.ended.append)

    def _begin(self, ask: Any) -> str:
        self.begun.append(ask()["found"]["builds"])
        return f"answer {len(self.begun)}"

    def run(self, *pythons: str, **further: Any) -> Any:
        given = {name: option.get("default") for name, option in gateoptions.OPTIONS.items()}
        given |= {"pythons": list(pythons), "beside": True, **further}
        self.action.validate_argument_spec = lambda _options: (None, given)
        return self.action.run(task_vars={})


def test_it_begins_ahead_with_the_pythons_of_the_last_time_and_goes_on_where_they_are_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate(monkeypatch, "3.11", "3.13")
    ahead = gate.run()
    assert ahead == {"begun": "answer 1", "pythons": ["3.11", "3.13"]}
    assert gate.run("3.11", "3.13", ahead={"changed": False, **ahead}) == ahead
    assert (gate.begun, gate.ended) == ([["3.11", "3.13"]], [])


def test_one_for_other_pythons_ends_and_another_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch, "3.11")
    ahead = gate.run()
    assert gate.run("3.13", ahead=ahead) == {"begun": "answer 2", "pythons": ["3.13"]}
    assert (gate.begun, gate.ended) == ([["3.11"], ["3.13"]], ["answer 1"])


def test_where_nothing_is_known_nothing_begins_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    assert gate.run() == {}
    assert gate.run("3.13", ahead={"changed": False}) == {"begun": "answer 1", "pythons": ["3.13"]}
    assert gate.ended == []


@pytest.mark.parametrize(
    ("how", "found"), [({"check": True}, ["3.13"]), ({"here": False}, "by the module")], ids=["check", "builder"]
)
def test_what_does_not_go_on_beside_has_no_early_start(
    monkeypatch: pytest.MonkeyPatch, how: dict[str, bool], found: Any
) -> None:
    gate = Gate(monkeypatch, "3.11", **how)
    assert gate.run() == {}
    assert gate.run("3.13", ahead={}) == {"builds": found}
    assert gate.begun == []
