# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand a host the lock of an app, when it is known by now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.plugin_utils import beside


class ActionModule(ActionBase):
    """One module call, which may go on by itself."""

    _requires_connection = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = {"name": self._task.args.get("name")}
        python = task_vars["ansible_facts"]["slipway"]["python"]
        build = _builds(self._task.args.get("gate") or {}).get(python)
        if build:
            asked |= {"python": python, "lock": Path(build["lock"]["path"]).read_text(encoding="utf-8")}
        answer: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.environment",
            module_args=asked,
            task_vars=task_vars,
            wrap_async=self._task.async_val,
        )
        return result | answer


def _builds(gate: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the gate has made by now; nothing while it tests, and nothing when it failed."""
    found = (beside.peek(gate["begun"]) or {}).get("found", {}) if "begun" in gate else gate
    builds: Mapping[str, Any] = found.get("builds", {})
    return builds
