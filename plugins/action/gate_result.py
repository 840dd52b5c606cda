# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the gate found, waited for when it works beside the playbook. Runs on the controller; no host is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import truth
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.plugin_utils import beside, gate_answer

STATS = "ansible_stats"
SAID_BEFORE = ("changed", "warnings", "deprecations", "diff", STATS)


class ActionModule(ActionBase):
    """Takes the result of `test_gate`, and gives one that is complete."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"of", "wait"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        given: dict[str, Any] = self._task.args["of"]
        if "begun" not in given:
            rest = {key: value for key, value in given.items() if key not in SAID_BEFORE}
            # Ansible adds up what it is told twice
            return result | rest | ({} if STATS in given else _counted(given))
        if not truth(self._task.args.get("wait", True)):
            return result | given
        try:
            answer = beside.wait(given["begun"])
        except SlipwayError as error:
            raise AnsibleActionFail(str(error)) from error
        told = gate_answer.told(answer, self._display)
        return result | told | _counted(told)


def _counted(told: Mapping[str, Any]) -> dict[str, Any]:
    """For who reads the statistics of the run: how many tests passed on the Python where it is fewest."""
    passed = min((build["tests"] or {}).get("passed", 0) for build in told["builds"].values())
    return {STATS: {"data": {"slipway_tests_passed": passed}, "aggregate": True, "per_host": False}}
