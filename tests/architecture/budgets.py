# SPDX-License-Identifier: GPL-3.0-or-later
"""How large a thing may grow before somebody has to say why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .tree import files

LINES = (
    (40, ("roles/*/tasks/**/*.yml", "roles/*/handlers/**/*.yml")),
    (40, ("roles/*/defaults/*.yml",)),
    (60, ("roles/*/templates/**/*",)),
    (
        150,
        ("plugins/modules/*.py", "plugins/module_utils/_core/**/*.py", "tests/hosts/*.py", "tests/architecture/*.py"),
    ),
    (400, ("roles/*/files/**/*.py",)),
)
FUNCTION = 40
FUNCTIONS = ("plugins/**/*.py", "roles/*/files/**/*.py", "tests/hosts/*.py", "tests/architecture/*.py")
JINJA = 100
JINJA_FILES = ("roles/**/*.j2", "roles/**/*.yml", "playbooks/**/*.yml")

# Path, or path::function -> its own limit and the reason.
EXCEPTIONS: dict[str, tuple[int, str]] = {}


def _over(name: str, size: int, limit: int) -> Iterator[str]:
    allowed, _reason = EXCEPTIONS.get(name, (limit, ""))
    if size > allowed:
        yield f"{name} has {size} lines, {allowed} are enough; split it, or write down the reason in budgets.py"
    elif name in EXCEPTIONS and size <= limit:
        yield f"{name} needs no exception any more"


def files_are_small(root: Path) -> Iterator[str]:
    for limit, patterns in LINES:
        for path in files(root, *patterns):
            yield from _over(str(path.relative_to(root)), len(path.read_text().splitlines()), limit)


def functions_are_small(root: Path) -> Iterator[str]:
    for path in files(root, *FUNCTIONS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                yield from _over(f"{path.relative_to(root)}::{node.name}", size, FUNCTION)


def jinja_lines_are_short(root: Path) -> Iterator[str]:
    for path in files(root, *JINJA_FILES):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > JINJA and ("{{" in line or "{%" in line):
                yield f"{path.relative_to(root)}:{number} has Jinja in {len(line)} columns, {JINJA} are enough"


def everything_says_its_licence(root: Path) -> Iterator[str]:
    for path in files(root, "plugins/**/*.py", "tests/**/*.py", "roles/**/*.py", "webapp/**/*.py", "tools/*"):
        text = path.read_text()
        if text and "SPDX-License-Identifier: GPL-3.0-or-later" not in text:
            yield f"{path.relative_to(root)} has no SPDX line"


LAWS = (files_are_small, functions_are_small, jinja_lines_are_short, everything_says_its_licence)
