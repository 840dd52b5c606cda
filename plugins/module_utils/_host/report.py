# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs on this host, asked of the processes themselves and not of what was once written down."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import fronts
from ansible_collections.slipway.flask.plugins.module_utils._core.certificate import days_left
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import (
    backups,
    certificates,
    command,
    database,
    health,
    history,
    processes,
    roll,
    shelf,
    state,
    survey,
)
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, Program
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site
from ansible_collections.slipway.flask.plugins.module_utils._host.supervisor import environment_of

HISTORY = 10
SYSTEMD_SECONDS = 30


def report(app: App) -> dict[str, Any]:
    """The live release, each slot, the site, the units, the lock, the room on disk and the last runs."""
    live = state.linked(app.layout.current)
    ledger = state.ledger(app.layout)
    result: dict[str, Any] = {
        "name": app.layout.name,
        "live": None,
        "slots": [],
        "site": None,
        "front": fronts.of_unit(app.front.unit) if app.serves else "",
        "closed": Path(app.layout.closed).exists(),
        "certificate": _certificate(app),
        "database": database.look(app, live) if live else None,
        "backup": backups.look(app.layout.name),
        "units": _units(app),
        "lock": _lock(app),
        "disk_free_mb": {str(path): survey.free_mb(Path(path)) for path in (app.layout.root, "/var")},
        "history": history.read(app.layout)[-HISTORY:],
    }
    if live is None:
        return result
    wanted, site = shelf.read_wanted(app, live, leader=False)
    entry = ledger.latest(live)
    facts = shelf.facts(app, wanted.release)
    result["live"] = {
        **{key: facts.get(key) for key in ("release", "commit", "subject", "version", "tests", "python")},
        "activation": live,
        "at": entry.at if entry else None,
        "by": entry.by if entry else None,
        "verdict": entry.verdict if entry else None,
    }
    result["slots"] = _slots(app, site)
    if app.serves:
        outside = roll.outside(app, site)
        result["site"] = {"well": outside.well, "status": outside.status, "said": _short(outside.said)}
    return result


def _certificate(app: App) -> dict[str, Any] | None:
    """What visitors are shown, and when it ends; None without TLS."""
    found = certificates.look(Path(app.front.certificate)) if app.front.certificate else None
    if found is None:
        return None
    ends = found.ends and found.ends.isoformat()
    left = found.ends and days_left(found.ends, datetime.now(UTC))
    return {"names": sorted(found.names), "ends": ends, "days_left": left}


def _slots(app: App, site: Site) -> list[dict[str, Any]]:
    try:
        known = app.supervisor.processes()
    except SlipwayError:
        known = {}  # the unit says why
    rows = []
    for program in app.programs:
        for slot in program.names():
            row = known.get(slot, {})
            pid = int(row.get("pid") or 0)
            condition = row.get("statename", "ABSENT")
            answer = _answer(app, program, slot, site, condition)
            rows.append(
                {
                    "slot": slot,
                    "state": condition,
                    "pid": pid,
                    "uptime_seconds": processes.uptime_seconds(pid) if pid else 0,
                    "memory_mb": processes.memory_mb(pid) if pid else 0,
                    "release": environment_of(pid).get("SLIPWAY_RELEASE", "") if pid else "",
                    "well": answer.well,
                    "said": _short(answer.said),
                    "milliseconds": round(answer.seconds * 1000),
                }
            )
    return rows


def _answer(app: App, program: Program, slot: str, site: Site, condition: str) -> health.Answer:
    """A program in the background answers nobody: that it runs is all that can be known of it."""
    if not program.background:
        return health.ask(program.reach(app.layout, slot), site)
    return health.Answer(200 if condition == "RUNNING" else 0, condition.lower(), 0.0)


def _units(app: App) -> dict[str, str]:
    """What systemd says of the app's unit and of the front server."""
    front = app.front.unit if app.serves else ""
    names = [unit for unit in (f"slipway-{app.layout.name}.service", front) if unit]
    found = command.run(["systemctl", "is-active", *names], timeout=SYSTEMD_SECONDS)
    return dict(zip(names, found.stdout.split(), strict=False))


def _lock(app: App) -> dict[str, Any] | None:
    """Who holds the lock, and how long nothing was heard of that run."""
    lock: dict[str, Any] | None = state.read(app.layout.state / "lock.json")
    return lock and {**lock, "quiet_seconds": max(time.time() - lock["renewed"], 0)}


def _short(text: str) -> str:
    return " ".join(text.split())[:120]
