# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be written in a role: its interface, its variables' names, and how a step says what it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES
from ansible_collections.slipway.flask.plugins.module_utils._core.vocabulary import PREFIXES

from .tree import files, load, mapping, roles, steps_with_text, tasks

OTHERS = re.compile(r"\b(groups|hostvars)(\[|\.\w|\s*\|)")
SUFFIX = re.compile(r"tasks_from:\s*[\"']?[\w./-]+\.ya?ml\b")
FREE = ("command", "shell", "raw", "script")
TASKS = ("roles/*/tasks/**/*.yml", "roles/*/handlers/**/*.yml")


def _options(role: Path) -> dict[str, dict[str, Any]]:
    """Options of all entry points of a role."""
    found: dict[str, dict[str, Any]] = {}
    for entry in mapping(role / "meta/argument_specs.yml").get("argument_specs", {}).values():
        found |= entry.get("options") or {}
    return found


def roles_look_at_no_other_host(root: Path) -> Iterator[str]:
    for path in files(root, *TASKS, "roles/*/templates/**/*", "roles/*/vars/*.yml", "roles/*/defaults/*.yml"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if OTHERS.search(line.split("# ")[0]):
                yield f"{path.relative_to(root)}:{number} reads another host's data; playbooks and action plugins do"


def tasks_from_has_no_suffix(root: Path) -> Iterator[str]:
    for path in files(root, *TASKS, "playbooks/**/*.yml", "molecule/**/*.yml"):
        if SUFFIX.search(path.read_text()):
            yield f"{path.relative_to(root)}: tasks_from with a suffix skips the validation of arguments"


def every_role_has_a_spec(root: Path) -> Iterator[str]:
    for role in roles(root):
        if not mapping(role / "meta/argument_specs.yml").get("argument_specs"):
            yield f"roles/{role.name}/meta/argument_specs.yml says nothing"


def defaults_are_the_optional_options(root: Path) -> Iterator[str]:
    for role in roles(root):
        defaults = mapping(role / "defaults/main.yml")
        optional = {name: one for name, one in _options(role).items() if not one.get("required")}
        for name in sorted(defaults.keys() ^ optional.keys()):
            where = "defaults" if name in defaults else "meta/argument_specs.yml"
            yield f"roles/{role.name}: {name} stands only in {where}"
        for name in sorted(defaults.keys() & optional.keys()):
            if "default" in optional[name] and optional[name]["default"] != defaults[name]:
                yield f"roles/{role.name}: {name} has two different defaults"


def spec_defaults_are_plain(root: Path) -> Iterator[str]:
    def jinja(option: dict[str, Any]) -> bool:
        own = re.search(r"\{[{%]", str(option.get("default", "")))
        return bool(own) or any(jinja(nested) for nested in (option.get("options") or {}).values())

    for role in roles(root):
        for name, option in _options(role).items():
            if jinja(option):
                yield f"roles/{role.name}: {name} has Jinja in its spec, where nobody renders it"


def _set_by(role: Path) -> Iterator[str]:
    """Names of variables that a role brings into being, but for its options."""
    for path in files(role, "vars/*.yml"):
        yield from mapping(path)
    for path in files(role, "tasks/**/*.yml", "handlers/**/*.yml"):
        for task in tasks(load(path)):
            yield from [task["register"]] if "register" in task else []
            facts = task.get("set_fact", task.get("ansible.builtin.set_fact", {}))
            # how a host is spoken to is set by names of Ansible's own
            yield from (name for name in facts if name != "cacheable" and not name.startswith("ansible_"))


def names_belong_to_their_role(root: Path) -> Iterator[str]:
    for role in roles(root):
        own = {name for name, variable in VARIABLES.items() if variable.owner == role.name}
        for name in sorted({*mapping(role / "defaults/main.yml"), *_options(role)}):
            if name in VARIABLES and name not in own:
                yield f"roles/{role.name}: {name} belongs to {VARIABLES[name].owner}"
            elif name not in own and not f"{name}_".startswith(f"{role.name}_"):
                yield f"roles/{role.name}: {name} lacks the role's prefix"
        for name in sorted(set(_set_by(role))):
            if not name.startswith((f"__{role.name}_", f"{role.name}_")):
                yield f"roles/{role.name} sets {name}: internals are called __{role.name}_*"


def free_commands_give_a_reason(root: Path) -> Iterator[str]:
    for path in files(root, *TASKS, "playbooks/**/*.yml", "molecule/**/*.yml", ".config/molecule/*.yml"):
        for keys, text in steps_with_text(path):
            used = sorted(key for key in keys if key.removeprefix("ansible.builtin.") in FREE)
            if used and not re.search(r"(^|\s)# ", text):
                name = re.search(r"name: (.*)", text)
                yield f"{path.relative_to(root)}: {name[1] if name else 'a step'} uses {used[0]} and does not say why"


def inventories_use_known_names(root: Path) -> Iterator[str]:
    for path in files(root, "inventories/*/group_vars/*.yml"):
        for name in mapping(path):
            if name.startswith(PREFIXES) and name not in VARIABLES:
                yield f"{path.relative_to(root)}: {name} is no variable"


def the_example_shows_every_name(root: Path) -> Iterator[str]:
    for path in files(root, "inventories/prod/group_vars/all.yml"):
        shown = set(re.findall(r"^(?:# )?(\w+):", path.read_text(), re.MULTILINE))
        missing = sorted(VARIABLES.keys() - shown)
        if missing:
            yield f"{path.relative_to(root)} does not show {', '.join(missing)}"


LAWS = (
    roles_look_at_no_other_host,
    tasks_from_has_no_suffix,
    every_role_has_a_spec,
    defaults_are_the_optional_options,
    spec_defaults_are_plain,
    names_belong_to_their_role,
    free_commands_give_a_reason,
    inventories_use_known_names,
    the_example_shows_every_name,
)
