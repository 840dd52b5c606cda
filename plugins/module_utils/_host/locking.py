# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock of an app on this host: a file, the rules of `_core.lock`, and what to say to who comes second."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import lock as locks
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.history import Outcome
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import history, state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App


class Locked(SlipwayError):
    """Another run holds the lock; `token` lets the controller find out whether that run is its own dead one."""

    def __init__(self, message: str, lock: locks.Lock) -> None:
        super().__init__(message)
        self.lock = lock


class Halfway(SlipwayError):
    """An act after `prepared` failed in the call that prepared."""

    def __init__(self, text: str, activation: str) -> None:
        super().__init__(text)
        self.activation = activation


def blame(error: SlipwayError) -> dict[str, Any]:
    """What a controller needs of an error besides its text."""
    if isinstance(error, Locked):
        return {"locked": {"token": error.lock.token, "controller": error.lock.controller, "pid": error.lock.pid}}
    return {"activation": error.activation} if isinstance(error, Halfway) else {}


def take(app: App, run: Run, must_hold: bool = False, work: Mapping[str, Any] | None = None) -> None:
    """Take or renew the lock; with `must_hold`, losing it in between is an error and nothing is switched.

    A dead run whose lock is taken over could not record itself.
    """
    held, now, answer = _decide(app, run)
    if must_hold and answer != "renew":
        raise SlipwayError(
            f"This run no longer holds the lock of {app.layout.name}: it was unlocked. Type the same command again."
        )
    if held is not None and answer == "take":
        serves = state.linked(app.layout.current) or "nothing"
        history.record(app.layout, held, "killed", f"the run was killed; this host was found to serve {serves}")
    lock = locks.taken(run, held, now, work)
    state.write(app.layout.state / "lock.json", state.dumps(locks.row(lock)), mode=0o600)


def refuse(app: App, run: Run) -> None:
    """Say who holds the lock, without waiting for the step that is at work."""
    _decide(app, run)


def _decide(app: App, run: Run) -> tuple[locks.Lock | None, float, locks.Answer]:
    held, now = state.lock(app.layout), time.time()
    answer = locks.decide(held, run, now, dead=held is not None and held.token in run.dead)
    if answer == "refuse" and held is not None:
        raise Locked(locks.refusal(app.layout.name, held, now), held)
    return held, now, answer


def held(app: App, run: Run) -> bool:
    """Whether this run may undo something here: nobody else holds the lock."""
    lock = state.lock(app.layout)
    return lock is None or lock.held_by(run)


def end(app: App, outcome: Outcome, reason: str = "") -> None:
    """Record how the run that holds the lock ended, and drop its lock."""
    lock = state.lock(app.layout)
    if lock is not None:
        history.record(app.layout, lock, outcome, reason)
    drop(app)


def drop(app: App) -> None:
    Path(app.layout.state / "lock.json").unlink(missing_ok=True)
