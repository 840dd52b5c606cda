# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the migrations of a project do to a database, read from Alembic's files without running them.

A project with several Alembic environments has several databases, of which nobody says which is which: of such a one,
and of one without any, nothing is known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import PurePosixPath

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

ENVIRONMENT, VERSIONS = "env.py", "versions"
# Operations after which something is gone that no downgrade brings back.
DROPS = ("drop_table", "drop_column")
DROPPING = re.compile(r"\b(?:DROP\s+(?:TABLE|COLUMN|SCHEMA)|TRUNCATE|DELETE\s+FROM)\b[^;]{0,60}", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Revision:
    """One step of the schema, and what it takes away."""

    name: str
    after: tuple[str, ...]
    title: str
    drops: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For a person: `0002 (a phone number for each user), drop_column users.fax`."""
        title = f" ({self.title})" if self.title else ""
        return ", ".join([f"{self.name}{title}", *self.drops])


def files(paths: Iterable[str]) -> list[str]:
    """Those that are revisions, of the paths of a project."""
    every = [PurePosixPath(path) for path in paths]
    homes = {path.parent for path in every if path.name == ENVIRONMENT}
    found = [path for path in every if path.suffix == ".py" and path.parent.name == VERSIONS]
    of_alembic = [path for path in found if path.parent.parent in homes]
    several = len({path.parent for path in of_alembic}) > 1
    return [] if several else sorted(map(str, of_alembic))


def read(texts: Iterable[str]) -> dict[str, Revision]:
    """By name. A file that is none, or that is no Python, is left out."""
    return {found.name: found for text in texts if (found := _revision(text))}


def unknown(revisions: Mapping[str, Revision], at: Set[str]) -> list[str]:
    """Where the database is, as far as this code has never heard of it."""
    return sorted(at - set(revisions))


def pending(revisions: Mapping[str, Revision], at: Set[str]) -> list[Revision]:
    """What an upgrade to the newest would do to a database that is there, in its order."""
    done = set(_with_ancestors(revisions, at))
    left = [name for name in revisions if name not in done]
    ordered = dict.fromkeys(name for wanted in sorted(left) for name in _with_ancestors(revisions, {wanted}))
    return [revisions[name] for name in ordered if name not in done]


def judge(revisions: Mapping[str, Revision], at: Set[str], destructive: bool) -> None:
    """Raise where this code must not migrate a database that is there."""
    if strange := unknown(revisions, at):
        raise SlipwayError(
            f"The database is at {', '.join(strange)}, which this commit does not know: a later one has migrated it."
            " Ship a commit that has this revision."
        )
    # where nothing has been migrated yet, there is nothing to lose
    dropping = [revision.text for revision in pending(revisions, at) if revision.drops] if at else []
    if dropping and not destructive:
        raise SlipwayError(
            f"Migrations of this commit take something away for good: {'; '.join(dropping)}. The live release would"
            " miss it, and going back does not bring it back. When nothing uses it any more, write"
            " app_migrate_destructive: true for this deploy."
        )


def _with_ancestors(revisions: Mapping[str, Revision], names: Iterable[str]) -> Iterator[str]:
    """Each of them, after everything that it builds on."""
    for name in sorted(names):
        if name in revisions:
            yield from _with_ancestors(revisions, revisions[name].after)
            yield name


def _revision(text: str) -> Revision | None:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    given = dict(_assigned(module))
    name = given.get("revision")
    if not isinstance(name, str):
        return None
    after = [one for key in ("down_revision", "depends_on") for one in _names(given.get(key))]
    title = (ast.get_docstring(module) or "").strip().partition("\n")[0].rstrip(".")
    return Revision(name, tuple(after), title, tuple(_drops(module)))


def _assigned(module: ast.Module) -> Iterator[tuple[str, object]]:
    """Constants at the top of a module."""
    for node in module.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name) and node.value is not None:
            try:
                yield target.id, ast.literal_eval(node.value)
            except ValueError:
                continue


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, (tuple, list, set)) else []


def _drops(module: ast.Module) -> Iterator[str]:
    """What `upgrade`, and what it calls in its own file, takes away."""
    functions = {node.name: node for node in module.body if isinstance(node, Function)}
    waiting, seen = ["upgrade"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for call in (node for node in ast.walk(functions[name]) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name):
                waiting.append(call.func.id)
            yield from _dropped(call)


def _dropped(call: ast.Call) -> Iterator[str]:
    operation = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    words = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if operation in DROPS:
        yield f"{operation} {'.'.join(words[:2])}".rstrip()
    elif operation == "execute":
        yield from (" ".join(found[0].split()) for word in words if (found := DROPPING.search(word)))
