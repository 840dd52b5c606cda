# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a call that finds the lock of an app held."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.slipway.flask.plugins.plugin_utils import controller, holding

DONE = {"changed": True}


def mine() -> dict[str, Any]:
    """This process, which is alive."""
    return {"token": controller.process_token(os.getpid()), "controller": controller.controller(), "pid": os.getpid()}


def dead() -> dict[str, Any]:
    return mine() | {"token": "of another process that had this number"}


def refused(lock: dict[str, Any]) -> dict[str, Any]:
    return {"failed": True, "msg": "Another run holds the lock", "locked": lock}


class Caller:
    """Gets these answers, one after the other."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.dead, self.shown = list(answers), [], []
        self._display = SimpleNamespace(display=self.shown.append)

    def _execute_module(self, module_args: dict[str, Any], **_rest: Any) -> dict[str, Any]:
        self.dead.append(module_args["run"].get("dead"))
        return self.answers.pop(0)


def call(caller: Any, wait: int = 0, run: dict[str, Any] | None = None) -> dict[str, Any]:
    return holding.call(caller, "some.module", {"run": run or mine()}, {}, wait)


def test_the_lock_of_a_dead_run_of_this_controller_is_taken_over() -> None:
    caller = Caller(refused(dead()), DONE)
    assert call(caller) == DONE
    assert caller.dead == [None, [dead()["token"]]]


def test_another_lock_is_waited_for_as_long_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding.time, "sleep", lambda _: None)
    assert call(Caller(refused(mine()), DONE))["failed"]
    caller = Caller(refused(mine()), refused(mine()), DONE)
    assert call(caller, wait=600) == DONE
    assert caller.shown == ["Waiting for the lock: Another run holds the lock"] * 2


def test_a_run_that_was_killed_calls_nobody() -> None:
    caller = Caller(DONE)
    with pytest.raises(AnsibleActionFail, match="was killed"):
        call(caller, run=dead())
    assert caller.answers == [DONE]
