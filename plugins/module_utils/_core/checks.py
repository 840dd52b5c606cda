# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small checks of values that people wrote, to be put together in tables.

A check takes where the value stands and the value, and yields what is wrong with it: what, the value,
what to type. Values arrive as Ansible's own kinds of strings, so `isinstance` decides and never `type()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

Check = Callable[[str, Any], Iterator[str]]


def judge(rules: Mapping[str, Check], given: Mapping[str, Any]) -> list[str]:
    """What is wrong with the variables that are given, each by its row in the table."""
    problems: list[str] = []
    for name in rules:
        if name in given and given[name] is None:
            problems.append(f"{name} is empty: write a value, or remove the line.")
        elif name in given:
            problems += rules[name](name, given[name])
    return problems


def text(label: str, value: object) -> Iterator[str]:
    """A string that says something."""
    if isinstance(value, (bool, int, float)):
        yield f'{seen(label, value)}: write it as a string, in quotes: "..." (or, from a template, with | string).'
    elif not isinstance(value, str):
        yield f'{seen(label, value)}: write a string, "...".'
    elif not value.strip() or "\0" in value:
        yield f"{label} is blank: write a value, or remove it."


def free_text(label: str, value: object) -> Iterator[str]:
    """A string that may also be empty, such as the value of an environment variable."""
    if not isinstance(value, str) or "\0" in value:
        yield from text(label, value)


def matching(pattern: str, advice: str) -> Check:
    """A string of a form; `advice` ends the sentence `write ...`."""
    form = re.compile(pattern)

    def check(label: str, value: object) -> Iterator[str]:
        wrong = list(text(label, value))
        if not wrong and not form.fullmatch(str(value)):
            wrong = [f"{seen(label, value)}: write {advice}."]
        yield from wrong

    return check


def whole(least: int) -> Check:
    """A whole number; as digits in a string too, because that is what `-e name=5` gives."""

    def check(label: str, value: object) -> Iterator[str]:
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,9}", str(value)) or int(str(value)) < least:
            yield f"{seen(label, value)}: write a whole number, {least} or more."

    return check


def between(least: int, most: int, otherwise: str) -> Check:
    """A whole number; `otherwise` is said of one that is larger than `most`."""

    def check(label: str, value: object) -> Iterator[str]:
        wrong = list(whole(least)(label, value))
        if not wrong and int(str(value)) > most:
            wrong = [f"{seen(label, value)}: {otherwise}."]
        yield from wrong

    return check


def flag(label: str, value: object) -> Iterator[str]:
    """True or false; as a word too, because that is what `-e name=true` gives."""
    if not isinstance(value, bool) and str(value).lower() not in ("true", "false", "yes", "no"):
        yield f"{seen(label, value)}: write true or false."


def truth(value: object) -> bool:
    """What a value means that `flag` has nothing against."""
    return str(value).lower() in ("true", "yes")


def listed(each: Check) -> Check:
    def check(label: str, value: object) -> Iterator[str]:
        if not isinstance(value, (list, tuple)):
            yield f'{seen(label, value)}: write a list, such as {label}: ["..."], or [] for none.'
            return
        for number, entry in enumerate(value, 1):
            yield from each(f"{label}, entry {number},", entry)

    return check


def keyed(key: Check, each: Check) -> Check:
    """A dictionary whose keys and values are the user's own."""

    def check(label: str, value: object) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{seen(label, value)}: write a dictionary, key: value, or {{}} for none."
            return
        for name, entry in value.items():
            yield from key(f"A name in {label}", name)
            yield from each(f"{label}.{name}", entry)

    return check


def record(fields: Mapping[str, Check]) -> Check:
    """A dictionary whose keys are ours: a misspelt one is named, with what was meant."""

    def check(label: str, value: object) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{seen(label, value)}: write a dictionary with {', '.join(fields)}."
            return
        for name, entry in value.items():
            if name not in fields:
                meant = nearest(str(name), fields)
                hint = f"Did you mean {meant}?" if meant else f"It has {', '.join(fields)}."
                yield f"{label} has no key {name!s}. {hint}"
            elif entry is not None:
                yield from fields[name](f"{label}.{name}", entry)

    return check
