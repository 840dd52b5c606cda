# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was done to an app on a host, run by run: a line each, written when the run has ended and never changed.

The lock of a run is its beginning, the line its end: a run that held the lock is recorded once, however it ended.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Lock
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import gist

Outcome = Literal["succeeded", "failed", "killed"]
Row = dict[str, Any]
KEY = ("run", "at")


def row(lock: Lock, outcome: Outcome, reason: str, now: float) -> Row:
    """The line of the run that holds `lock`. `seconds` count from its lock on, so the gate is not in them."""
    return {
        "run": lock.token,
        "act": lock.act,
        "outcome": outcome,
        "by": lock.by,
        "at": moment(lock.since),
        "seconds": max(round(now - lock.since), 0),
        **(lock.work or {}),
        "reason": gist(reason),
    }


def work(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a run ships, as its lock keeps it: from the facts of a release."""
    tests = (facts.get("tests") or {}).get("passed")
    shown = {name: gist(str(facts.get(name) or "")) for name in ("release", "commit", "subject")}
    return {**shown, "tests": tests}


def moment(since: float) -> str:
    return datetime.datetime.fromtimestamp(since, datetime.UTC).isoformat(timespec="seconds")


def encode(line: Row) -> bytes:
    return json.dumps(line, sort_keys=True).encode("ascii") + b"\n"


def parse(data: bytes) -> list[Row]:
    """Every whole line; what a power cut left of one is no line."""
    return [found for line in data.split(b"\n") if (found := _whole(line))]


def recorded(rows: Iterable[Row], line: Row) -> bool:
    return any(all(known[name] == line[name] for name in KEY) for known in rows)


def _whole(line: bytes) -> Row | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.keys() >= set(KEY) else None
