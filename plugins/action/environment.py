# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand a host the lock of an app, when it is known by now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import identity
from ansible_collections.slipway.flask.plugins.plugin_utils import beside


class ActionModule(ActionBase):
    """One module call, which may go on by itself; none where the host has the environment."""

    _requires_connection = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        name, background = self._task.args.get("name"), self._task.async_val
        facts = task_vars["ansible_facts"]["slipway"]
        python = facts["python"]
        path = _locks(self._task.args.get("gate") or {}, patient=not background).get(python)
        lock = Path(path).read_text(encoding="utf-8") if path else ""
        if not background and (not lock or _is_there(facts["apps"][name], lock, python)):
            return result | {"changed": False}
        answer: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.environment",
            module_args={"name": name, **({"python": python, "lock": lock} if lock else {})},
            task_vars=task_vars,
            wrap_async=background,
        )
        return result | answer


def _locks(gate: Mapping[str, Any], patient: bool) -> Mapping[str, str]:
    """The path of the lock for each Python, as far as the gate knows them by now."""
    if "begun" in gate:
        found: Mapping[str, str] = beside.early(gate["begun"], patient).get("locks", {})
        return found
    return {python: build["lock"]["path"] for python, build in gate.get("builds", {}).items()}


def _is_there(app: Mapping[str, Any], lock: str, python: str) -> bool:
    return identity.venv_key(hashlib.sha256(lock.encode()).hexdigest(), python) in app.get("environments", ())
