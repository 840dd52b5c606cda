# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may know whom: imports of Python files, and roles that bring in roles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .tree import files, imports, load, roles, tasks

# What can be imported without being able to see or change anything outside of the program.
PURE = {
    *("__future__", "abc", "ast", "base64", "bisect", "collections", "configparser", "copy", "dataclasses", "datetime"),
    *("difflib", "enum", "fnmatch", "functools", "hashlib", "hmac", "html", "ipaddress", "itertools", "json", "math"),
    *("operator", "posixpath", "re", "shlex", "string", "textwrap", "tomllib", "types", "typing", "unicodedata"),
    *("urllib.parse", "xml.etree.ElementTree", "pathlib.PurePath", "pathlib.PurePosixPath"),
}
CORE, HOST = "plugins.module_utils._core", "plugins.module_utils._host"
SHELLS = ("modules", "action", "callback", "filter")
LAYERS = (
    ("base", "deploy_user", "step_cache"),
    ("app", "supervisor", "site", "web", "celery", "uwsgi", "python_server", "rabbitmq", "platform"),
    ("nginx_uwsgi", "apache_uwsgi", "gevent", "tornado", "rabbitmq_celery"),
    ("postgresql", "backup", "load_balancer", "heroku", "elastic_beanstalk"),
)
GROUND, BLOCKS, STACKS, EDGE = LAYERS


def _within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def core_is_pure(root: Path) -> Iterator[str]:
    for path in files(root, "plugins/module_utils/_core/**/*.py"):
        for name in imports(path):
            if not _within(name, PURE | {CORE}):
                yield f"{path.relative_to(root)} imports {name}: rules have nothing to do with the world"


def host_knows_no_ansible(root: Path) -> Iterator[str]:
    for path in files(root, "plugins/module_utils/_host/**/*.py"):
        for name in imports(path):
            ours = name.startswith("plugins.")
            if _within(name, {"ansible", "ansible_collections"}) or (ours and not _within(name, {CORE, HOST})):
                yield f"{path.relative_to(root)} imports {name}: ports stand below Ansible and below the plugins"


def plugins_look_downwards(root: Path) -> Iterator[str]:
    for path in files(root, *(f"plugins/{kind}/**/*.py" for kind in SHELLS)):
        for name in imports(path):
            upwards = name.startswith(".") or _within(name, {f"plugins.{kind}" for kind in SHELLS})
            controller = _within(name, {"ansible"}) and not _within(name, {"ansible.module_utils"})
            if upwards or (controller and path.parent.name == "modules"):
                yield f"{path.relative_to(root)} imports {name}: a plugin uses module_utils only"


def _layer(role: str) -> int:
    return next((number for number, layer in enumerate(LAYERS) if role in layer), -1)


def roles_have_a_layer(root: Path) -> Iterator[str]:
    for role in roles(root):
        if _layer(role.name) < 0:
            yield f"roles/{role.name} stands in no layer of tests/architecture/layers.py"


def roles_bring_in_lower_roles(root: Path) -> Iterator[str]:
    """A block may use a block; nobody else uses his own floor."""
    for path in files(root, "roles/*/tasks/**/*.yml", "roles/*/handlers/**/*.yml"):
        role = path.relative_to(root).parts[1]
        for task in tasks(load(path)):
            for key in ("import_role", "include_role", "ansible.builtin.import_role", "ansible.builtin.include_role"):
                used = str(task.get(key, {}).get("name", role)).rpartition(".")[2]
                same_floor = used in BLOCKS and role in BLOCKS
                if used != role and _layer(used) >= _layer(role) and not same_floor:
                    yield f"{path.relative_to(root)} brings in {used}, which does not stand below {role}"


def stacks_are_translations(root: Path) -> Iterator[str]:
    for name in STACKS:
        for kind in ("templates", "handlers", "files", "vars"):
            if (root / "roles" / name / kind).exists():
                yield f"roles/{name}/{kind}: a stack is data for blocks"


def stacks_are_one_step(root: Path) -> Iterator[str]:
    """What two of them would do alike is done by a block."""
    for path in files(root, *(f"roles/{name}/tasks/*.yml" for name in STACKS)):
        steps = list(tasks(load(path)))
        brought = [task for task in steps if "ansible.builtin.import_role" in task]
        if len(steps) != len(brought) or len(steps) > 1:
            yield f"{path.relative_to(root)} does more than bring in one role"


LAWS = (
    core_is_pure,
    host_knows_no_ansible,
    plugins_look_downwards,
    roles_have_a_layer,
    roles_bring_in_lower_roles,
    stacks_are_translations,
    stacks_are_one_step,
)
