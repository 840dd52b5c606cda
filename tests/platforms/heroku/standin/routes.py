# SPDX-License-Identifier: GPL-3.0-or-later
"""A row for each address of the API that somebody asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .world import Account, App, Fault, World


@dataclass(frozen=True)
class Asked:
    world: World
    user: Account
    parts: tuple[str, ...]
    body: dict[str, Any] = field(default_factory=dict)
    range: str = ""

    @property
    def app(self) -> App:
        return self.world.app(self.parts[0], self.user)


Answer = Callable[[Asked], Any]
ROUTES: list[tuple[str, re.Pattern[str], Answer]] = []


def at(method: str, path: str) -> Callable[[Answer], Answer]:
    def keep(function: Answer) -> Answer:
        ROUTES.append((method, re.compile(path.replace("*", "([^/]+)")), function))
        return function

    return keep


def answer(method: str, path: str, asked: Callable[[tuple[str, ...]], Asked]) -> Any:
    for wanted, pattern, function in ROUTES:
        found = pattern.fullmatch(path)
        if wanted == method and found:
            return function(asked(found.groups()))
    raise Fault(404, "not_found", "The requested API endpoint was not found. Are you using the right HTTP verb?")


def named(value: Any, known: Any, what: str) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    if name not in known:
        raise Fault(404, "not_found", f"Couldn't find that {what}.", resource=what)
    return str(name)
