# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Render a role's template with Ansible's own engine, from the role's defaults and vars and what a test sets."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.slipway.flask.plugins.action.file_set import ActionModule

ROLES = Path(__file__).parents[2] / "roles"
LOADER = DataLoader()  # keeps what it has read


def render(role: str, template: str, /, **scenario: Any) -> str:
    """The text that ends up on a host. What the scenario sets wins, internals of the role included."""
    return str(evaluate(role, f"{{{{ lookup('ansible.builtin.template', '{template}') }}}}", **scenario))


def evaluate(role: str, expression: str, /, **scenario: Any) -> Any:
    """The value of an expression over the role's variables."""
    return Templar(loader=LOADER, variables=_variables(role, scenario)).template(trust_as_template(expression))


def placed(role: str, expression: str, /, **scenario: Any) -> dict[str, str]:
    """The contents of the files that are the value of an expression, by path, as the action gives them."""
    variables = _variables(role, scenario)
    templar = Templar(loader=LOADER, variables=variables)
    task = SimpleNamespace(get_search_path=lambda: variables["ansible_search_path"])
    action = ActionModule(task, None, None, LOADER, templar, None)
    rows = [action.filled(row, variables) for row in evaluate(role, expression, **scenario)]
    return {row["path"]: row["content"] for row in rows}


def _variables(role: str, scenario: dict[str, Any]) -> dict[str, Any]:
    here = {"ansible_search_path": [str(ROLES / role)]}
    variables: dict[str, Any] = {"ansible_facts": {}, "ansible_check_mode": False, **here}
    for kind in ("defaults", "vars"):
        folder = ROLES / role / kind
        for file in (folder / "main.yml", *sorted(folder.glob("main/*.yml"))):
            if file.exists():
                variables |= LOADER.load_from_file(str(file), trusted_as_template=True) or {}
    return variables | scenario
