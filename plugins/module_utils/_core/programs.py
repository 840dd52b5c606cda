# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else an app runs, from `app_programs`: a command alone, or with how many of it there are and how they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    between,
    flag,
    record,
    text,
    truth,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.sizing import MOST_SLOTS

# The program that the site leads to, in place of a WSGI server.
SERVES = "web"
# the longest time that one may be given to end what it is at
LONGEST_STOP_SECONDS = 20000


@dataclass(frozen=True)
class Background:
    """A program that listens nowhere. Its slots are restarted one after the other."""

    name: str
    slots: int = 1
    stop_seconds: int = 60  # what it has to end what it is at
    stop_group: bool = True  # whether all that it has started is told to end as well, or only the program itself


def batches(late: Sequence[str], slots: int, more: bool = False) -> list[Sequence[str]]:
    """Which of the late ones of all slots are restarted together: a third of all at most, and of few slots one; and
    one more where another process stands in for it."""
    size = max(1, slots // 3) + more
    return [late[start : start + size] for start in range(0, len(late), size)]


def commands(entries: Mapping[str, Any]) -> dict[str, str]:
    """The command of each program."""
    return {name: entry if isinstance(entry, str) else entry["command"] for name, entry in entries.items()}


def background(entries: Mapping[str, Any]) -> list[Background]:
    """Those that the site does not lead to, in their order."""
    return [_background(name, entry) for name, entry in entries.items() if name != SERVES]


def judge(label: str, value: object) -> Iterator[str]:
    """What is wrong with an entry."""
    if not isinstance(value, Mapping):
        yield from text(label, value)
        return
    yield from record(_KEYS)(label, value)
    if value.get("command") is None:
        yield f"{label} has no command: write command: ..."
    if label.endswith(f".{SERVES}") and set(value) - {"command"}:
        yield f"{label} is a server: web_slots and web_request_seconds say the rest. Write its command alone."


def _background(name: str, entry: Any) -> Background:
    given = {} if isinstance(entry, str) else {key: value for key, value in entry.items() if value is not None}
    usual = Background(name)
    return Background(
        name,
        slots=int(given.get("slots", usual.slots)),
        stop_seconds=int(given.get("stop_seconds", usual.stop_seconds)),
        stop_group=truth(given.get("stop_group", usual.stop_group)),
    )


_KEYS = {
    "command": text,
    "slots": between(1, MOST_SLOTS, f"{MOST_SLOTS} are the most"),
    "stop_seconds": between(1, LONGEST_STOP_SECONDS, f"{LONGEST_STOP_SECONDS} are the most"),
    "stop_group": flag,
}
