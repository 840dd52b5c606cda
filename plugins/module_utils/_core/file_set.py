# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that belong together: what is wished, what was found, and the steps between them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import (
    Directory,
    File,
    Found,
    Link,
    Other,
    Wished,
    render,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

MODE = re.compile(r"0[0-7]{3,4}")


@dataclass(frozen=True)
class Step:
    """One path and what happens to it."""

    path: str
    before: Found
    after: Wished

    @property
    def sentence(self) -> str:
        if self.after is None:
            return f"remove {self.path}"
        if isinstance(self.after, Link):
            return f"link {self.path} to {self.after.target}"
        if type(self.before) is not type(self.after):
            return f"create {self.after.kind} {self.path}"
        return f"change {', '.join(_differences(self.before, self.after))} of {self.path}"

    @property
    def diff(self) -> dict[str, str]:
        before = self.before
        if isinstance(before, File) and isinstance(self.after, File):
            before = replace(before, secret=before.secret or self.after.secret)
        return {
            "before_header": self.path,
            "after_header": self.path,
            "before": render(before),
            "after": render(self.after),
        }


def describe(
    directories: Iterable[Mapping[str, Any]] = (),
    files: Iterable[Mapping[str, Any]] = (),
    links: Iterable[Mapping[str, Any]] = (),
    absent: Iterable[str] = (),
) -> dict[str, Wished]:
    """The wish as one table of paths; every mistake in it is named at once."""
    problems: list[str] = []
    wished: dict[str, Wished] = {}

    def add(path: str, entry: Wished) -> None:
        if not path.startswith("/") or posixpath.normpath(path) != path:
            problems.append(f"{path!r} is no plain absolute path; write it without '..' and trailing slash")
        elif path in wished:
            problems.append(f"{path} is listed twice; keep one of the two")
        wished[path] = entry

    for raw in directories:
        add(raw["path"], Directory(*_owner(raw, problems), _mode(raw, "0755", problems)))
    for raw in files:
        content, secret = str(raw["content"]).encode(), bool(raw.get("secret"))
        add(raw["path"], File(content, *_owner(raw, problems), _mode(raw, "0644", problems), secret))
    for raw in links:
        add(raw["path"], Link(raw["target"]))
    for path in absent:
        add(path, None)
    _complain(problems)
    return wished


def plan(wished: Mapping[str, Wished], found: Mapping[str, Found]) -> list[Step]:
    """The steps that are missing, in an order that works; what must not be replaced is refused."""
    steps = [Step(path, found.get(path), after) for path, after in wished.items() if found.get(path) != after]
    _complain([problem for step in steps for problem in _conflicts(step)])
    return sorted(steps, key=_turn)


def _turn(step: Step) -> tuple[int, int, str]:
    """Directories before what lies in them, links after their targets; what goes, goes last and deepest first."""
    depth = step.path.count("/")
    if step.after is None:
        return (3, -depth, step.path)
    return ({Directory: 0, File: 1, Link: 2}[type(step.after)], depth, step.path)


def _conflicts(step: Step) -> Iterable[str]:
    before, after = step.before, step.after
    replaceable = isinstance(before, (File, Link)) and not isinstance(after, Directory)
    if before is None or replaceable or type(before) is type(after):
        return
    if isinstance(before, Directory) and after is None:
        return
    wish = f"a {after.kind}" if after else "nothing"
    yield f"{step.path} is a {before.kind} where {wish} is wished; move it away first, it is not replaced"


def _differences(before: Found, after: Wished) -> Iterable[str]:
    if isinstance(before, Other) or before is None or after is None:
        return
    names = (name for name in vars(after) if name != "secret")
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield "content" if name == "content" else f"{name} {_word(old)} to {_word(new)}"


def _word(value: object) -> str:
    return f"{value:04o}" if isinstance(value, int) else str(value)


def _owner(raw: Mapping[str, Any], problems: list[str]) -> tuple[str, str]:
    owner, group = str(raw.get("owner") or "root"), str(raw.get("group") or "root")
    if owner.isdigit() or group.isdigit():
        problems.append(f"owner {owner}:{group} of {raw['path']} has a number; write the account's name")
    return owner, group


def _mode(raw: Mapping[str, Any], default: str, problems: list[str]) -> int:
    text = raw.get("mode") or default
    if MODE.fullmatch(text):
        return int(text, 8)
    problems.append(f'mode {text!r} of {raw["path"]} is no quoted octal number; write it like "{default}"')
    return 0


def _complain(problems: list[str]) -> None:
    if problems:
        raise SlipwayError("; ".join(problems) + ".")
