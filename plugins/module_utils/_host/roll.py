# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restart slots, a part of them at a time, while the rest of them serve; and the trial that comes before."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import batches
from ansible_collections.slipway.flask.plugins.module_utils._core.release import generation
from ansible_collections.slipway.flask.plugins.module_utils._host import commands, health, state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import TRIAL, App, running
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Answer, Site
from ansible_collections.slipway.flask.plugins.module_utils._host.stand_in import StandIn, hold_again
from ansible_collections.slipway.flask.plugins.module_utils._host.starting import Log, Start


def roll(app: App, site: Site, activation: str, spare: StandIn | None = None) -> list[str]:
    """Bring every slot to `activation`; the slots that were restarted.

    Those that restart must be well before the next ones stop: at every moment two thirds of the slots serve, and of
    less than six all but one. One that stands in for them, `spare`, counts as they do. Where none serves there is
    nothing to keep: the first one, which visitors wait for, has the host to itself, and the others follow together.
    Programs in the background come first, in the order in which they are written: what a new server hands on to one of
    them, an old one may not know.
    """
    restarted: list[str] = []
    for program in app.programs:
        wanted, found = generation(activation, program.digest), running(app)
        late = [slot for slot in program.names() if found[slot] != wanted]
        serving = any(found[slot] for slot in program.names())
        more = bool(late) and serving and spare is not None and spare.serves(program, site)
        for together in batches(late, program.slots, more) if serving else (late[:1], late[1:]):
            for slot in together:
                app.supervisor.end(slot)
            for slot in together:
                app.supervisor.stop(slot, program.wake)
            for start in [Start(app, program, slot) for slot in together]:
                start.judge(site)
        restarted += late
    hold_again(app)
    return restarted


def hold(app: App) -> None:
    """Back to before the first release: every slot only keeps the socket."""
    for program in app.programs:
        for slot in program.names():
            app.supervisor.stop(slot, program.wake)
            app.supervisor.start(slot)


@contextlib.contextmanager
def trial(app: App, activation: str, spare: StandIn | None = None) -> Iterator[Trial]:
    """Start the real server of `activation` on a socket nobody else knows; it ends with the block. `spare` begins to
    load once it has answered."""
    state.link(app.layout.candidate, PurePath("activations") / activation)
    begun = Trial(app, activation, spare)
    try:
        yield begun
    finally:
        begun.end()


def end_trials(app: App) -> None:
    """One that a killed call has left goes on by itself."""
    for program in app.programs:
        if not program.background:
            app.supervisor.stop(f"trial-{program.name}:{TRIAL}")


class Trial:
    """A server that was just told to start. It is one process, and so the one start alone that some applications need:
    those that make their tables when they are imported."""

    def __init__(self, app: App, activation: str, spare: StandIn | None) -> None:
        self._app, self._activation, self._spare, self._well = app, activation, spare, False
        self._program = next(program for program in app.programs if not program.background)
        self._process = f"trial-{self._program.name}:{TRIAL}"
        app.supervisor.stop(self._process)
        self._start = Start(app, self._program, self._process, Log(app, self._process))

    def judge(self, site: Site, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Ask it a few times. From the first answer on it is only watched: `meanwhile` is done then, with supervisord
        for itself, and the last answer comes after its end."""
        try:
            self._start.judge(site)
        except SlipwayError:
            if not self._start.alive():
                # what cannot be loaded says why in fewer words than a server around it
                commands.load(self._app, self._activation)
            raise
        with ThreadPoolExecutor(1) as beside:
            self._start.watch(site, beside.submit(self._go_on, meanwhile))
        self._well = True

    def _go_on(self, meanwhile: Callable[[], None]) -> None:
        if self._spare:
            self._spare.begin(like=self._start.pid)
        meanwhile()

    def end(self) -> None:
        if self._well:
            self._app.supervisor.end(self._process)  # nobody has to wait for that: it serves nobody
        else:
            self._app.supervisor.stop(self._process, self._program.wake)


def outside(app: App, site: Site) -> Answer:
    """What a visitor of this host gets, through the front server."""
    here = ("127.0.0.1", app.front.port)
    return health.ask(health.encrypted(*here, site.host) if app.front.certificate else health.at(*here), site)
