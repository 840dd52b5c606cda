# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe saw, in figures that are kept in build/log/ship."""

from __future__ import annotations

import json

from .ground import LOGS
from .probe import Probe

STEP = 0.05  # between two requests
FILE = LOGS / "faults.json"


def outage(probe: Probe) -> float:
    """Seconds from the first request that failed to the last one, counted from when each was due; 0 when none did."""
    due = [answer.at - answer.seconds for answer in probe.failures]
    return max(due) - min(due) + STEP if due else 0.0


def write(name: str, probe: Probe) -> None:
    """Keep what this fault cost its visitors."""
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    kept[name] = {
        "requests": len(probe.answers),
        "failed": len(probe.failures),
        "outage": round(outage(probe), 2),
        "slowest": round(probe.slowest, 2),
    }
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(kept, indent=1) + "\n")
