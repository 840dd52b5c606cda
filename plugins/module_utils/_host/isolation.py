# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep an application's tests away from the controller's keys, and leave nothing of them running.

Three ways, the best that works is taken. root: another user, in mount and process namespaces of its own
(or, where these are forbidden, only the other user). Not root: bubblewrap. Else a process group alone.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import command
from ansible_collections.slipway.flask.plugins.module_utils._host.enclosure import (
    STRANGER,
    Room,
    in_bubblewrap,
    in_namespaces,
)

MARK = "SLIPWAY_TEST_RUN"
END_SECONDS = 5.0
PROBE_SECONDS = 20


@dataclass(frozen=True)
class Isolation:
    """A way to run a command; `name` goes into the record."""

    name: str
    room: Room
    enclose: Callable[[Room, Sequence[str], Path], list[str]]
    user: str | None = None

    def wrap(self, argv: Sequence[str], cwd: Path) -> list[str]:
        return self.enclose(self.room, argv, cwd)

    def around(self, room: Room) -> Isolation:
        """The same around another room of this machine."""
        return replace(self, room=room)


def choose(room: Room, probe: Sequence[str], environment: Mapping[str, str]) -> Isolation:
    """The best isolation in which `probe` (the interpreter, doing nothing) runs on this machine."""
    works = (one for one in _ways(room) if _works(one, probe, room.work, environment))
    return next(works, Isolation("none", room, _bare))


def end_leftovers(mark: str) -> None:
    """Kill what carries our mark in its environment: a daemon leaves its process group, not its environment.

    A process may start another between our look and our signal, so we look until there is none.
    """
    deadline = time.monotonic() + END_SECONDS
    while _kill_marked(f"{MARK}={mark}".encode()) and time.monotonic() < deadline:
        time.sleep(0.01)


def _kill_marked(wanted: bytes) -> int:
    """How many were found and told to end."""
    found = 0
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in environment.read_bytes().split(b"\0"):
                found += 1
                os.kill(int(environment.parent.name), signal.SIGKILL)
        except OSError:
            continue
    return found


def _works(isolation: Isolation, probe: Sequence[str], work: Path, environment: Mapping[str, str]) -> bool:
    try:
        wrapped = isolation.wrap(probe, work)
        return command.run(wrapped, timeout=PROBE_SECONDS, env=environment, user=isolation.user, cwd="/").ok
    except SlipwayError:
        return False


def _ways(room: Room) -> list[Isolation]:
    if os.getuid() == 0:
        return [
            Isolation("user", room, in_namespaces),
            Isolation("user", room, _bare, STRANGER),
        ]
    return [Isolation("bubblewrap", room, in_bubblewrap)]


def _bare(_room: Room, argv: Sequence[str], _cwd: Path) -> list[str]:
    return list(argv)
