# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give files their content where a task names a template or a file of its role instead."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template

from ansible_collections.slipway.flask.plugins.module_utils._core import seen as seeing
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.file_set import describe
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import Unit
from ansible_collections.slipway.flask.plugins.plugin_utils import run_key

ORIGINS = ("content", "template", "source")


class ActionModule(ActionBase):
    """One module call. Rendering here and not by a lookup: that one copies all variables for each template."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if isinstance(arguments.get("files"), list):
            arguments["files"] = [self.filled(file, task_vars) for file in arguments["files"]]
        facts = (task_vars.get("ansible_facts") or {}).get("slipway") or {}
        if _stands(arguments, facts.get("seen") or {}):
            return result | {"changed": False, "plan": [], "paths": [], "repaired": [], "diff": []}
        placed: dict[str, Any] = self._execute_module("slipway.flask.file_set", arguments, task_vars=task_vars)
        if facts and (placed.get("changed") or placed.get("failed")):
            # what was seen may not be so any more
            placed["ansible_facts"] = {"slipway": {**facts, "seen": {}}}
        return result | placed

    def filled(self, file: Any, variables: dict[str, Any]) -> Any:
        """The file with its content."""
        if not isinstance(file, Mapping):
            return file  # the module says what is wrong with it
        named = [origin for origin in ORIGINS if origin in file]
        if len(named) > 1:
            raise AnsibleActionFail(f"{file.get('path')} has {' and '.join(named)}; one of them is enough.")
        rest = {key: value for key, value in file.items() if key not in ("template", "source", "vars")}
        if "template" in file:
            return rest | {"content": self._rendered(file["template"], variables | dict(file.get("vars") or {}))}
        if "source" in file:
            found = self._find_needle("files", file["source"])
            return rest | {"content": self._loader.get_text_file_contents(found)}
        return file

    def _rendered(self, name: str, variables: dict[str, Any]) -> Any:
        found = Path(self._find_needle("templates", name))
        known = {"ansible_managed": "Ansible managed"} | variables
        templar = self._templar.copy_with_new_env(searchpath=[str(found.parent)], available_variables=known)
        text = trust_as_template(self._loader.get_text_file_contents(str(found)))
        return templar.template(text, escape_backslashes=False)


def _stands(arguments: Mapping[str, Any], seen: seeing.Seen) -> bool:
    """Whether the look at the host has shown everything as it is wished. In any doubt the module has the word."""
    if not seen:
        return False
    kinds = ("directories", "files", "links", "absent")
    try:
        wished = describe(*(arguments.get(kind) or () for kind in kinds))
        unit = Unit(**arguments["unit"]) if arguments.get("unit") else None
        return seeing.fits(seen, run_key.KEY, wished, unit)
    except (SlipwayError, KeyError, TypeError):
        return False
