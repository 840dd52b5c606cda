# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that has loaded a release before that goes live, and serves while the slots are restarted.

It is the holder of the socket (slot 0), which has nothing to do at other times. What it is to load stands in a file
that a deploy keeps locked: the launcher reads it (launch.py), and what is loaded waits for the lock (stand_in.py). When
it gets that, it serves if it was admitted; otherwise it ends, and holds the socket again. So a deploy that is killed
leaves nothing that waits, and nobody is served by a release that was not taken live.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import proc
from ansible_collections.slipway.flask.plugins.module_utils._core.release import generation
from ansible_collections.slipway.flask.plugins.module_utils._core.room import bears
from ansible_collections.slipway.flask.plugins.module_utils._host import processes
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, Program, standing_in
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site
from ansible_collections.slipway.flask.plugins.module_utils._host.starting import Start


class StandIn:
    """One for a deploy; until `begin` there is none."""

    def __init__(self, app: App, activation: str) -> None:
        self._app, self._activation = app, activation
        self._held = contextlib.ExitStack()
        self._start: Start | None = None  # that waits for the decision

    def begin(self, like: int) -> None:
        """Load the release, if the host has room for as many processes like that one as a slot has.

        Who has one slot may bear no second process beside it, and gets none. One of a deploy that was killed is left
        at work until the slots run: perhaps nobody else serves.
        """
        program = next((one for one in self._app.programs if one.holder and one.slots > 1), None)
        if (
            program is None
            or standing_in(self._app)
            or not bears(_available_mb(), processes.memory_mb(like) * program.processes)
        ):
            return
        self._file = os.open(self._app.layout.stand_in, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        self._held.callback(os.close, self._file)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # a process of the app holds it: there is a way without
        self._say(self._activation)
        self._app.supervisor.stop(program.holder, program.wake)
        self._start = Start(self._app, program, program.holder)

    def serves(self, program: Program, site: Site) -> bool:
        """Let it serve, and wait until it is well. False where it did not load, or where there is none."""
        wanted = generation(self._activation, program.digest)
        # a launcher of before knows nothing of this, and goes on to hold the socket
        start = self._start
        if not start or standing_in(self._app).get(program.holder) != wanted or not start.alive():
            return False
        self._start = None
        self._say(" admitted")
        self.close()
        start.judge(site)
        return True

    def close(self) -> None:
        """Unless it was admitted, it ends."""
        self._held.close()
        if self._start:
            self._start = None
            hold_again(self._app)

    def _say(self, words: str) -> None:
        os.write(self._file, words.encode())


@contextlib.contextmanager
def stand_in(app: App, activation: str) -> Iterator[StandIn]:
    """One that may begin within the block."""
    found = StandIn(app, activation)
    try:
        yield found
    finally:
        found.close()


def hold_again(app: App) -> None:
    """Whoever stands in for the slots answers what it is at, ends, and only holds the socket."""
    there = standing_in(app)
    for program in app.programs:
        if program.holder in there:
            app.supervisor.stop(program.holder, program.wake)
            app.supervisor.start(program.holder)


def _available_mb() -> int:
    return proc.meminfo_mb(Path("/proc/meminfo").read_text(encoding="ascii")).get("MemAvailable", 0)
