# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to look at a source tree. A law takes its root, so that it can be tried on a planted one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.slipway.flask."

Law = Callable[[Path], Iterator[str]]


class AnyTag(yaml.SafeLoader):
    """Ansible's own tags (!vault, !unsafe) are plain values here."""


AnyTag.add_multi_constructor("!", lambda loader, suffix, node: loader.construct_scalar(node))


def load(path: Path) -> Any:
    return yaml.load(path.read_text(), AnyTag)


def files(root: Path, *patterns: str) -> Iterator[Path]:
    """Files below root, sorted, each once."""
    yield from sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})


def roles(root: Path) -> Iterator[Path]:
    yield from sorted(path for path in root.glob("roles/*") if path.is_dir())


def mapping(path: Path) -> dict[str, Any]:
    """A YAML file that may be absent or empty."""
    return (load(path) if path.exists() else None) or {}


def imports(path: Path) -> Iterator[str]:
    """Everything a Python file imports, as `module` or `module.name`; ours without the collection's name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix(COLLECTION) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").removeprefix(COLLECTION)
            dots = "." * node.level
            yield from (f"{dots}{module}.{alias.name}" for alias in node.names)


def tasks(entries: Any) -> Iterator[dict[str, Any]]:
    """Every task of a task list, those in blocks too."""
    for entry in entries or []:
        yield entry
        for part in ("block", "rescue", "always"):
            yield from tasks(entry.get(part))


def steps_with_text(path: Path) -> Iterator[tuple[set[str], str]]:
    """Keys of every mapping of a YAML file that stands in a list, and its text with the comments right above it."""
    lines = path.read_text().splitlines()

    def walk(node: yaml.Node | None) -> Iterator[tuple[set[str], str]]:
        if isinstance(node, yaml.SequenceNode):
            for entry in node.value:
                if isinstance(entry, yaml.MappingNode):
                    first = entry.start_mark.line
                    while first and lines[first - 1].lstrip().startswith("#"):
                        first -= 1
                    text = "\n".join(lines[first : entry.end_mark.line])
                    yield {key.value for key, _value in entry.value}, text
                yield from walk(entry)
        elif isinstance(node, yaml.MappingNode):
            for _key, value in node.value:
                yield from walk(value)

    yield from walk(yaml.compose(path.read_text(), AnyTag))
