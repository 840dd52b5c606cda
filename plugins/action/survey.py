# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at a host, also at one on which no module can run yet."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import preflight
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import STEP_CACHE
from ansible_collections.slipway.flask.plugins.plugin_utils import run_key

SOURCE = Path(__file__).parents[2] / "roles" / "step_cache" / "files" / "python"
ORDINARY = "/usr/bin/python3"
# what a shell says of a program that is not there
NOT_FOUND = 127
BLIND = "This host has no Python that runs, and what follows needs it. Outside of check mode it is installed."


class ActionModule(ActionBase):
    """One module call. Where none can run, a script tells what it can, or brings Python for another call."""

    _requires_connection = True
    _VALID_ARGS = frozenset({"by_shell", "without_python"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        found = self._look(task_vars)
        telling, bringing = (self._task.args.get(name) for name in ("by_shell", "without_python"))
        script = telling or bringing
        if not found.get("failed") or not script:
            return result | found
        if bringing and self._task.check_mode:
            return result | {"failed": True, "msg": f"{BLIND} {found['msg']}"}
        # ansible-core 2.19 goes on in the line in which the script ends
        done = self._low_level_execute_command(script.rstrip())
        if done["rc"]:
            said = (done["stdout"] or done["stderr"]).strip()
            return result | {"failed": True, "msg": f"{said}\n{found['msg']}"}
        if telling:
            return result | {"changed": False, "ansible_facts": {"slipway": preflight.bare(done["stdout"])}}
        return result | self._look(task_vars) | {"changed": True}

    def _look(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        own = task_vars or {}
        found: dict[str, Any]
        found = self._with({**own, "ansible_python_interpreter": STEP_CACHE}) if tries(own) else {"rc": NOT_FOUND}
        if found.get("rc") == NOT_FOUND:
            found = self._with(own)
        facts = found.get("ansible_facts", {}).get("slipway", {})
        if "step_cache" in facts:
            facts["step_cache"] = judged(facts["step_cache"])
        return found

    def _with(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.survey", module_args={"key": run_key.KEY}, task_vars=task_vars
        )
        return found


def tries(task_vars: dict[str, Any]) -> bool:
    """Whether the look itself is tried with the interpreter, which a host may lack. It stands for one Python only."""
    ordinary: bool = task_vars.get("ansible_python_interpreter") == ORDINARY
    return ordinary and bool(boolean(task_vars.get("step_cache", True), strict=False))


def judged(digest: str | None) -> str:
    """What a host has of the interpreter that the role step_cache places, beside the one of this collection."""
    if not digest:
        return "foreign" if digest is None else "absent"
    return "current" if digest == hashlib.sha256(SOURCE.read_bytes()).hexdigest() else "outdated"
