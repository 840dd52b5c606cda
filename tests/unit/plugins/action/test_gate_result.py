# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a gate is handed on from task to task, and said and counted once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.action import gate_result

FOUND = {
    "commit": "c0ffee",
    "changed": True,
    "diff": {"after": "test it"},
    "builds": {"3.11": {"tests": {"passed": 7}}},
}
BEGUN = {"begun": "answer", "changed": False}


@pytest.fixture(autouse=True)
def _gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *_: {})
    monkeypatch.setattr(gate_result.beside, "wait", lambda _path: {"found": FOUND, "warnings": []})


def result(of: Any, **arguments: Any) -> Any:
    action = gate_result.ActionModule.__new__(gate_result.ActionModule)
    action._task = SimpleNamespace(args={"of": of, **arguments})
    action._display = SimpleNamespace(warning=lambda _text: None)
    return action.run()


def counted(answer: Any) -> int | None:
    stats = answer.get("ansible_stats")
    return stats and stats["data"]["slipway_tests_passed"]


@pytest.mark.parametrize("given", [BEGUN, FOUND], ids=["beside", "before"])
def test_what_was_counted_is_not_counted_again(given: Any) -> None:
    first = result(given)
    again = result(first, wait=True)
    assert (counted(first), counted(again)) == (7, None)
    assert first["commit"] == again["commit"] == "c0ffee"
    assert not again.get("changed") and "diff" not in again


def test_who_does_not_wait_hands_on_what_has_begun() -> None:
    assert result(BEGUN, wait=False) == BEGUN
    assert counted(result(result(BEGUN, wait=False))) == 7


def test_what_is_complete_is_said_once_whoever_waits() -> None:
    assert "diff" not in result(FOUND, wait="False")
