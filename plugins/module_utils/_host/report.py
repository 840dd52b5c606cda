# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs on this host, asked of the processes themselves and not of what was once written down."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._host import health, processes, roll, shelf, state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, Program
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site
from ansible_collections.slipway.flask.plugins.module_utils._host.supervisor import environment_of

HISTORY = 10


def report(app: App) -> dict[str, Any]:
    """The live release, each slot, the site, the lock and the last activations."""
    live = state.linked(app.layout.current)
    ledger, lock = state.ledger(app.layout), state.read(app.layout.state / "lock.json")
    result: dict[str, Any] = {
        "name": app.layout.name,
        "live": None,
        "slots": [],
        "site": None,
        "lock": lock,
        "history": ledger.rows()[-HISTORY:],
    }
    if live is None:
        return result
    wanted, site = shelf.read_wanted(app, live, leader=False)
    entry = ledger.latest(live)
    facts = state.read(app.layout.releases / wanted.release / "release.json")
    result["live"] = {
        **{key: facts.get(key) for key in ("release", "commit", "subject", "version", "tests", "python")},
        "activation": live,
        "at": entry.at if entry else None,
        "by": entry.by if entry else None,
        "verdict": entry.verdict if entry else None,
    }
    result["slots"] = _slots(app, site)
    outside = roll.outside(app, site)
    result["site"] = {"well": outside.well, "status": outside.status, "said": _short(outside.said)}
    return result


def _slots(app: App, site: Site) -> list[dict[str, Any]]:
    known = app.supervisor.processes()
    rows = []
    for program in app.programs:
        for slot in program.names():
            row = known.get(slot, {})
            pid = int(row.get("pid") or 0)
            answer = _answer(app, program, slot, site)
            rows.append(
                {
                    "slot": slot,
                    "state": row.get("statename", "ABSENT"),
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


def _answer(app: App, program: Program, slot: str, site: Site) -> health.Answer:
    """A program in the background answers nobody: that it runs is all that can be known of it."""
    if not program.background:
        return health.ask(program.reach(app.layout, slot), site)
    state_name = app.supervisor.process(slot)["statename"]
    return health.Answer(200 if state_name == "RUNNING" else 0, state_name.lower(), 0.0)


def _short(text: str) -> str:
    return " ".join(text.split())[:120]
