# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say whose run it is that takes an app off a host."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.plugin_utils import controller


class ActionModule(ActionBase):
    """One module call."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        run = controller.this_run("remove")
        apps = task_vars["ansible_facts"].get("slipway", {}).get("apps", {})
        held = (apps.get(self._task.args.get("name")) or {}).get("lock")
        if held and controller.is_dead(held):
            run["dead"] = [held["token"]]
        answer: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.removal", module_args={**self._task.args, "run": run}, task_vars=task_vars
        )
        return result | answer
