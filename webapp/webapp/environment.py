# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed reading of environment variables; an empty one counts as not set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


class ConfigError(RuntimeError):
    """The environment lacks something, or says something that makes no sense."""


class Environment:
    """A mapping of strings, read as text, numbers, flags and JSON objects."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, default: str | None = None) -> str | None:
        return self._variables.get(name, "").strip() or default

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.isdecimal():
            raise ConfigError(f"{name} is {value!r}, but has to be a whole number.")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        value = (self.text(name) or "").lower()
        if not value:
            return default
        if value not in YES | NO:
            raise ConfigError(f"{name} is {value!r}, but has to be 1 or 0.")
        return value in YES

    def mapping(self, name: str) -> dict[str, Any]:
        """A JSON object. What is wrong with it is told without its text, which may hold passwords."""
        try:
            value = json.loads(self.text(name, "{}"))
        except ValueError as error:
            raise ConfigError(f"{name} is not valid JSON: {error}.") from None
        if not isinstance(value, dict):
            raise ConfigError(f"{name} has to be a JSON object.")
        return value
