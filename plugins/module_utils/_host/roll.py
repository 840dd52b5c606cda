# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, ask and restart slots, one after the other, while the rest of them serve."""

from __future__ import annotations

import re
import time
from pathlib import Path, PurePath

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.release import generation
from ansible_collections.slipway.flask.plugins.module_utils._host import health, state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, Program, running
from ansible_collections.slipway.flask.plugins.module_utils._host.commands import shown
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Answer, Site

TRIAL_ANSWERS = 4
TRIAL_PAUSE = 0.5
LOG_LINES = 25
# what uWSGI writes about itself and about requests; of no use where the application did answer
OF_THE_SERVER = re.compile(r"\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} - |\[pid: \d+\|")


def roll(app: App, site: Site, activation: str) -> list[str]:
    """Bring every slot to `activation`; the slots that were restarted.

    A slot must be well before the next one stops: at every moment all slots but one serve.
    """
    restarted: list[str] = []
    for program in app.programs:
        wanted = generation(activation, program.digest)
        for slot in program.names():
            if running(app)[slot] == wanted:
                continue
            app.supervisor.stop(slot)
            _start(app, program, slot, site)
            restarted.append(slot)
    return restarted


def hold(app: App) -> None:
    """Back to before the first release: every slot only keeps the socket."""
    for program in app.programs:
        for slot in program.names():
            app.supervisor.stop(slot)
            app.supervisor.start(slot)


def trial(app: App, site: Site, activation: str) -> None:
    """Start the real server of `activation` on a socket nobody else knows, ask it a few times, stop it."""
    state.link(app.layout.candidate, PurePath("activations") / activation)
    for program in app.programs:
        process = f"trial-{program.name}:trial"
        app.supervisor.stop(process)
        try:
            connect = _start(app, program, process, site)
            for _ in range(TRIAL_ANSWERS - 1):
                time.sleep(TRIAL_PAUSE)
                _judge(app, process, health.ask(connect, site), site, 0)
        finally:
            app.supervisor.stop(process)


def outside(app: App, site: Site) -> Answer:
    """What a visitor of this host gets, through the front server."""
    return health.ask(health.at("127.0.0.1", app.front_port), site)


def _start(app: App, program: Program, process: str, site: Site) -> health.Connect:
    log = _log(app, process)
    before = log.stat().st_size if log.exists() else 0
    socket = app.layout.slot_socket(program.name, process.partition(":")[2])
    up = Path(f"{socket}.up")
    up.unlink(missing_ok=True)
    deadline = time.monotonic() + program.ready_seconds
    app.supervisor.start(process)
    connect = health.through(socket)
    first = app.supervisor.process(process)["pid"]

    def alive() -> bool:
        return bool(first) and app.supervisor.process(process)["pid"] == first

    _judge(app, process, health.wait(connect, site, program.ready_seconds, alive), site, before)
    while _size(up) < program.processes > 1:
        if time.monotonic() > deadline or not alive():
            some = f"{_size(up)} of {program.processes} processes came up within {program.ready_seconds:g} s"
            raise SlipwayError(f"{process} is not whole: {some}\n{_end(log, before)}")
        time.sleep(health.PAUSE_SECONDS)
    return connect


def _size(file: Path) -> int:
    """The application owns the file: a link of its own making is not followed."""
    try:
        return file.lstat().st_size
    except FileNotFoundError:
        return 0


def _judge(app: App, process: str, answer: Answer, site: Site, log_from: int) -> None:
    if answer.well:
        return
    if answer.status:
        what = f"answers {site.path} with {answer.said.strip()[:300]}"
    else:
        what = f"does not answer {site.path} ({answer.said})"
    raise SlipwayError(f"{process} {what}\n" + _end(_log(app, process), log_from, without_server=bool(answer.status)))


def _end(log: Path, start: int, without_server: bool = False) -> str:
    lines = [line for line in _written(log, start) if not (without_server and OF_THE_SERVER.match(line))]
    said = shown("\n".join(lines[-LOG_LINES:]))
    return f"The end of its log:\n{said}" if said else "Its log says nothing."


def _log(app: App, process: str) -> Path:
    group, _, slot = process.partition(":")
    return Path(app.layout.log) / (f"{group}.log" if slot == "trial" else f"{group}-{slot}.log")


def _written(log: Path, start: int) -> list[str]:
    """The last lines that came into the log since it was `start` bytes long."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(start if start <= size else 0, size - 20_000))
            return stream.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
