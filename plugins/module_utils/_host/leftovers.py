# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a killed run left on a host that has nothing else to do: its lock, its trial, and what it did not finish."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Step
from ansible_collections.slipway.flask.plugins.module_utils._host import locking, prepare, roll, shelf, state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App

ABANDONED = "the run ended before its verdict"


def settle(app: App, run: Run, check: bool) -> tuple[Step, ...]:
    """Remove what is left of a dead run; a living one is not disturbed, and says so by its lock."""
    there = _found(app)
    if there and not check:
        locking.take(app, run)
        _clear(app)
    return (Step("tidy", f"remove what an interrupted run left: {', '.join(there)}"),) if there else ()


def _found(app: App) -> list[str]:
    layout = app.layout
    lock = state.lock(layout)
    left = [f"the lock of {lock.by}"] if lock else []
    marks = [path for path in (layout.candidate, layout.incoming) if Path(path).exists() or Path(path).is_symlink()]
    unfinished = [path for kind in (layout.releases, layout.activations) for path in Path(kind).glob(".*")]
    return left + [str(path) for path in (*marks, *unfinished, *prepare.unnamed(app))]


def _clear(app: App) -> None:
    roll.end_trials(app)
    prepare.clean(app)
    ledger = state.ledger(app.layout)
    pending = ledger.pending()
    if pending:
        # it is not what is live, or there would be more to do than this
        state.write_ledger(app.layout, ledger.end(pending.activation, "bad", ABANDONED))
    shelf.prune(app)
    locking.drop(app)
