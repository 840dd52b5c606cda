# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project as it is read by who has never seen it: its Python files are parsed, and nothing of it is run."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Tree = Mapping[str, str]
"""Path -> text of every file; the text may be empty where nobody needs it."""

# Where code lies that is not the application's own, or not what is served.
ASIDE = re.compile(r"(^|/)(tests?|docs?|examples?|migrations|alembic|node_modules|venv|\.[^/]+|test_[^/]*\.py)(/|$)")
TESTS = re.compile(r"(^|/)(tests?/([^/]+/)*[^/]+|test_[^/]*|[^/]*_test)\.py$")


@dataclass(frozen=True)
class Clue:
    """What was found: for which variable, its value, in what, where; `sure` is false for a guess.

    Without a variable it is something a person has to know.
    """

    variable: str
    value: Any
    said: str
    where: str = ""
    sure: bool = True


@dataclass(frozen=True)
class Source:
    """A Python file: its path, the name it is imported by, its syntax tree."""

    path: str
    module: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    @property
    def statements(self) -> Iterator[ast.stmt]:
        """What runs when the module is imported: top level, branches and all, but for `__main__`."""
        yield from _flat(self.tree.body)


def sources(tree: Tree, wanted: re.Pattern[str] | None = None) -> list[Source]:
    """The application's files that can be parsed, the shallow ones first; with `wanted`, those instead."""
    python = [path for path in tree if path.endswith(".py")]
    chosen = [path for path in python if (wanted.search(path) if wanted else not ASIDE.search(path))]
    found = []
    for path in sorted(chosen, key=lambda path: (path.count("/"), path)):
        parsed = parse(tree[path])
        if parsed is not None:
            found.append(Source(path, module_name(path), parsed))
    return found


def parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def module_name(path: str) -> str:
    """The name a file is imported by from the project's root; a `src` folder is not part of it."""
    parts = path.removesuffix(".py").split("/")
    parts = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def dotted(node: ast.AST) -> str:
    """`os.environ.get` of an expression that is names and dots, else the empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def text_of(node: ast.AST | None) -> str:
    """The value of a string literal, else the empty string."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def keyword(call: ast.Call, name: str) -> str:
    return next((text_of(one.value) for one in call.keywords if one.arg == name), "")


def line_of(text: str, pattern: str) -> int:
    """The first line that a pattern is found in, from 1; 0 when there is none."""
    found = re.compile(pattern)
    return next((number for number, line in enumerate(text.splitlines(), 1) if found.search(line)), 0)


def below(tree: Tree, folder: str) -> dict[str, str]:
    """The part of a tree below a folder, with paths relative to it."""
    start = f"{folder}/" if folder else ""
    return {path.removeprefix(start): text for path, text in tree.items() if path.startswith(start)}


def folders(tree: Tree) -> set[str]:
    """Every folder that holds a file, the root being the empty string."""
    found = {""}
    for path in tree:
        folder = posixpath.dirname(path)
        while folder and folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return found


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If) and "__main__" not in ast.dump(node.test):
            yield from _flat(node.body + node.orelse)
        elif isinstance(node, (ast.Try, ast.With)):
            yield from _flat(node.body)
