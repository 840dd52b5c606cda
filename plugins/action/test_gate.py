# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the gate where the playbook runs: as a module it would be packed, started and loaded anew each time."""

from __future__ import annotations

import functools
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import gateoptions
from ansible_collections.slipway.flask.plugins.module_utils._host import gate
from ansible_collections.slipway.flask.plugins.plugin_utils import beside, gate_answer


class ActionModule(ActionBase):
    """On the controller the gate is called; on a builder host, or as somebody else, it is the module of that name."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, given = self.validate_argument_spec(gateoptions.OPTIONS)
        here = self._connection.transport == "local" and not self._connection.become
        if given["beside"] and here and not self._task.check_mode:
            return result | _begin(given)
        if given["beside"] and not given["pythons"]:
            return result  # what does not go on beside the playbook gains nothing from an early start
        if not here:
            answer: dict[str, Any] = self._execute_module(task_vars=task_vars)
            return result | answer
        return result | gate_answer.told(gate_answer.ask(given, self._task.check_mode), self._display)


def _begin(given: dict[str, Any]) -> dict[str, Any]:
    """The gate beside the playbook: what began ahead of this call, where that was for the same Pythons."""
    pythons, ahead = given["pythons"] or gate.last_pythons(given), given["ahead"]
    if "begun" in ahead:
        if ahead["pythons"] == pythons:
            return {key: ahead[key] for key in ("begun", "pythons")}
        beside.end(ahead["begun"])
    if not pythons:
        return {}
    ask = functools.partial(gate_answer.ask, {**given, "pythons": pythons}, False)
    return {"begun": beside.begin(ask), "pythons": pythons}
