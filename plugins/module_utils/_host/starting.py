# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process that was just told to start: whether it is well, and whole, and stays so."""

from __future__ import annotations

import itertools
import re
import time
from concurrent.futures import Future
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.advice import advise
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import commands, health, processes
from ansible_collections.slipway.flask.plugins.module_utils._host.app import TRIAL, App, Program
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Answer, Site

# together longer than the two seconds after which many a process ends that cannot go on
TRIAL_ANSWERS = 5
TRIAL_PAUSE = 0.51
# What each of the answers after the first two may cost in memory: caches fill at first, a leak goes on.
TRIAL_GROWTH_MB = 40
LOG_LINES = 25
STAY_SECONDS, STAY_PAUSE = 30.0, 0.1
# uWSGI's words for a process that ended by itself and is replaced
DIED = re.compile(r"DAMN ! worker \d+ \(pid: \d+\) died")
# what uWSGI writes about itself and about requests; of no use where the application did answer
OF_THE_SERVER = re.compile(r"\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} - |\[pid: \d+\|")


def stays(app: App, process: str, log: Log | None = None) -> None:
    """Wait until supervisord says that a program in the background has stayed up for its startsecs."""
    log, deadline = log or Log(app, process, 0), time.monotonic() + STAY_SECONDS
    while (found := app.supervisor.process(process)["statename"]) == "STARTING" and time.monotonic() < deadline:
        time.sleep(STAY_PAUSE)
    if found != "RUNNING":
        raise SlipwayError(f"{process} does not stay up, it is {found.lower()}\n{log.end()}")


class Start:
    """A process that was just told to start."""

    def __init__(self, app: App, program: Program, process: str, log: Log | None = None) -> None:
        self._app, self._program, self._process = app, program, process
        self._log = log or Log(app, process)
        self._up = Path(f"{app.layout.slot_socket(program.name, process.partition(':')[2])}.up")
        self._up.unlink(missing_ok=True)
        self._deadline = time.monotonic() + program.ready_seconds
        self._processes = 1 if process.endswith(f":{TRIAL}") else program.processes
        app.supervisor.start(process)
        self.pid: int = app.supervisor.process(process)["pid"]

    def judge(self, site: Site) -> None:
        """Wait until it is well, and whole: each of its processes has loaded the application."""
        program, process = self._program, self._process
        if program.background:
            stays(self._app, process, self._log)
            return
        connect = program.reach(self._app.layout, process)
        left = max(0.0, self._deadline - time.monotonic())
        _judge(process, health.wait(connect, site, left, self.alive), site, self._log)
        while _size(self._up) < self._processes > 1:
            if time.monotonic() > self._deadline or not self.alive():
                some = f"{_size(self._up)} of {self._processes} processes came up within {program.ready_seconds:g} s"
                raise SlipwayError(f"{process} is not whole: {some}\n{self._log.end()}")
            time.sleep(health.PAUSE_SECONDS)

    def watch(self, site: Site, work: Future[None]) -> None:
        """Ask it again and again, and for the last time when `work` has ended; it neither dies nor grows."""
        connect, sizes = self._program.reach(self._app.layout, self._process), []
        for number in range(1, TRIAL_ANSWERS):
            time.sleep(TRIAL_PAUSE)
            if number == TRIAL_ANSWERS - 1:
                work.result()
            # each of its processes may take as long as the first one did
            _judge(self._process, health.ask(connect, site, self._program.ready_seconds), site, self._log)
            sizes.append(processes.memory_mb(self.pid))
        _judge_dead(self._process, self._log)
        _judge_growth(self._process, sizes)

    def alive(self) -> bool:
        return bool(self.pid) and self._app.supervisor.process(self._process)["pid"] == self.pid


def _size(file: Path) -> int:
    """The application owns the file: a link of its own making is not followed."""
    try:
        return file.lstat().st_size
    except FileNotFoundError:
        return 0


def _judge(process: str, answer: Answer, site: Site, log: Log) -> None:
    if answer.well:
        return
    if answer.status:
        what = f"answers {site.path} with {answer.said.strip()[:300]}"
        raise SlipwayError(f"{process} {what}\n{log.end(OF_THE_SERVER)}")
    raise SlipwayError(f"{process} does not answer {site.path} ({answer.said})\n{log.end()}")


def _judge_dead(process: str, log: Log) -> None:
    """The server replaces a process that dies, so that its answers alone do not tell of it."""
    if any(DIED.search(line) for line in log.lines()):
        raise SlipwayError(f"{process} answers, and then one of its processes dies\n{log.end()}")


def _judge_growth(process: str, sizes: list[int]) -> None:
    if all(later - earlier > TRIAL_GROWTH_MB for earlier, later in itertools.pairwise(sizes)):
        grown = f"{' MB, '.join(map(str, sizes))} MB"
        raise SlipwayError(
            f"{process} leaks: its memory grows with each answer ({grown}). Visitors would fill the host."
        )


class Log:
    """What a process writes from now on, or has written since its log was `start` bytes long."""

    def __init__(self, app: App, process: str, start: int | None = None) -> None:
        group, _, slot = process.partition(":")
        self._path = Path(app.layout.log) / (f"{group}.log" if slot == TRIAL else f"{group}-{slot}.log")
        size = self._path.stat().st_size if self._path.exists() else 0
        self._start = size if start is None else start

    def lines(self) -> list[str]:
        try:
            with self._path.open("rb") as stream:
                size = stream.seek(0, 2)
                stream.seek(max(self._start if self._start <= size else 0, size - 20_000))
                return stream.read().decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []

    def end(self, noise: re.Pattern[str] | None = None) -> str:
        """Its last lines for a person, without those that are `noise`."""
        lines = [line for line in self.lines() if not (noise and noise.match(line))]
        said = commands.shown("\n".join(lines[-LOG_LINES:]))
        return advise(f"The end of its log:\n{said}") if said else "Its log says nothing."
