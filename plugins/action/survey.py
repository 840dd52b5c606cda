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

from ansible_collections.slipway.flask.plugins.module_utils._core import bare
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import STEP_CACHE
from ansible_collections.slipway.flask.plugins.plugin_utils import run_key

SOURCE = Path(__file__).parents[2] / "roles" / "step_cache" / "files" / "python"
ORDINARY = "/usr/bin/python3"
# what a shell says of a program that is not there
NOT_FOUND = 127
# what a script says that has waited until modules can run (EX_TEMPFAIL of sysexits.h)
AGAIN = 75
NO_INPUT = "exec < /dev/null\n"
BLIND = "This host has no Python that runs, and what follows needs it. Outside of check mode it is installed."


class ActionModule(ActionBase):
    """One module call. Where none can run, a script tells what it can, or brings Python for another call."""

    _requires_connection = True
    _VALID_ARGS = frozenset({"awaited", "by_shell", "input", "without_python"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        own = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        telling, bringing = (self._task.args.get(name) for name in ("by_shell", "without_python"))
        known = bringing and own.get("ansible_facts", {}).get("slipway", {}).get("bare")
        found = {"failed": True, "msg": ""} if known else self._look(own)
        script = telling or bringing
        if not found.get("failed") or not script:
            return result | found
        if bringing and self._task.check_mode:
            return result | {"failed": True, "msg": f"{BLIND} {found['msg']}".rstrip()}
        done = self._run(script)
        if done["rc"] == AGAIN:
            return result | self._look(own)
        if done["rc"]:
            said = (done["stdout"] or done["stderr"]).strip()
            return result | {"failed": True, "msg": f"{said}\n{found['msg']}".rstrip()}
        if telling:
            return result | {"changed": False, "ansible_facts": {"slipway": bare.facts(done["stdout"])}}
        return result | told(self._with(own)) | {"changed": True}

    def _run(self, script: str) -> dict[str, Any]:
        """It reads `input`, or nothing, where the connection cannot hand it over."""
        given = self._task.args.get("input") if self._connection.has_pipelining else None
        # ansible-core 2.19 goes on in the line in which the script ends
        text = f"{'' if given else NO_INPUT}{script.rstrip()}"
        done: dict[str, Any] = self._low_level_execute_command(text, in_data=given.encode() if given else None)
        return done

    def _look(self, own: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any]
        found = self._with({**own, "ansible_python_interpreter": STEP_CACHE}) if tries(own) else {"rc": NOT_FOUND}
        if found.get("rc") == NOT_FOUND:
            found = self._with(own)
        return told(found)

    def _with(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        args = {"key": run_key.KEY, "awaited": self._task.args.get("awaited", False)}
        found: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.survey", module_args=args, task_vars=task_vars
        )
        return found


def told(found: dict[str, Any]) -> dict[str, Any]:
    """With a word for what the host has of the interpreter that the role step_cache places."""
    facts = found.get("ansible_facts", {}).get("slipway", {})
    if "step_cache" in facts:
        facts["step_cache"] = judged(facts["step_cache"])
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
