# SPDX-License-Identifier: GPL-3.0-or-later
"""Dynos of the formation: each is started, watched, and started again when it ends by itself."""

from __future__ import annotations

import os
import signal
import threading
import time

from .processes import Running, listens
from .world import App, Release, fresh, now

BOOT_SECONDS = float(os.environ.get("STANDIN_BOOT_SECONDS", "60"))
COOL_OFF_SECONDS = float(os.environ.get("STANDIN_COOL_OFF_SECONDS", "600"))
WATCH_SECONDS = 0.1


class Dyno:
    """One dyno, from its start until it is stopped."""

    def __init__(self, app: App, kind: str, number: int, release: Release, size: str) -> None:
        self.app, self.kind, self.name, self.release, self.size = app, kind, f"{kind}.{number}", release, size
        self.id, self.created, self.state, self.updated, self.port = fresh(), now(), "starting", now(), 0
        assert release.slug
        self.slug, self.command = release.slug, release.slug.types[kind]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin to end; `wait` until it has."""
        self._stopped.set()

    def wait(self) -> None:
        self._thread.join()

    def _live(self) -> None:
        crashes = 0
        while not self._stopped.is_set():
            status = self._once()
            self._say(f"Process exited with status {status}")
            if self._stopped.is_set():
                return
            self._become("crashed")
            # the first time it is started again at once
            if crashes:
                self._stopped.wait(COOL_OFF_SECONDS * 2 ** (crashes - 1))
            crashes += 1

    def _once(self) -> int:
        """Run the process until it ends, by itself or because it is stopped; its status."""
        self._become("starting")
        self._say(f"Starting process with command `{self.command}`")
        running = Running(self.slug, self.release.config, self.name, self.command)
        self.port, deadline = running.port, time.monotonic() + BOOT_SECONDS
        hear = lambda line: self.app.log.add("app", self.name, line)  # noqa: E731
        threading.Thread(target=running.hear, args=(hear,), daemon=True).start()
        while running.process.poll() is None and not self._stopped.wait(WATCH_SECONDS):
            if self.state == "starting" and (self.kind != "web" or listens(self.port)):
                self._become("up")
            if self.state == "starting" and time.monotonic() > deadline:
                self._say(
                    "Error R10 (Boot timeout) -> Web process failed to bind to $PORT within"
                    f" {BOOT_SECONDS:.0f} seconds of launch"
                )
                self._say("Stopping process with SIGKILL")
                running.tell(signal.SIGKILL)
                running.process.wait()
        if self._stopped.is_set():
            self._say("Stopping all processes with SIGTERM")
        return running.end()

    def _say(self, text: str) -> None:
        self.app.log.add("heroku", self.name, text)

    def _become(self, state: str) -> None:
        if state != self.state:
            self._say(f"State changed from {self.state} to {state}")
        self.state, self.updated = state, now()


def restart(app: App) -> None:
    """All dynos anew, as the current release and the formation say; the old ones end meanwhile."""
    for dyno in app.dynos:
        dyno.stop()
    app.dynos = []
    scale(app)


def scale(app: App) -> None:
    """As many dynos of each type as the formation says, of the size that it says; those that fit stay."""
    release = app.current
    for dyno in list(app.dynos):
        kind = app.formation.get(dyno.kind)
        number = int(dyno.name.rpartition(".")[2])
        if not kind or number > kind.quantity or dyno.size != kind.size:
            dyno.stop()
            app.dynos.remove(dyno)
    there = {dyno.name for dyno in app.dynos}
    for name, kind in app.formation.items():
        for number in range(1, kind.quantity + 1):
            if f"{name}.{number}" not in there:
                app.dynos.append(Dyno(app, name, number, release, kind.size))
