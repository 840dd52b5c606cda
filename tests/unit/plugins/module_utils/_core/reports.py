# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host reports on which all is well, and how to make it otherwise."""

from __future__ import annotations

import copy
from typing import Any

REPORT: dict[str, Any] = {
    "name": "blog",
    "live": {
        "release": "c1c1c1c1c1c1-d1",
        "commit": "c1" * 20,
        "subject": "First",
        "at": "2026-01-02T03:04:05+00:00",
        "by": "anna@laptop",
        "verdict": "good",
        "tests": {"passed": 88},
    },
    "slots": [
        {
            "slot": f"web:{number}",
            "state": "RUNNING",
            "pid": 4711,
            "uptime_seconds": 3700,
            "memory_mb": 40,
            "release": "c1c1c1c1c1c1-d1",
            "well": True,
            "said": "200 OK",
            "milliseconds": 5,
        }
        for number in (1, 2)
    ],
    "site": {"well": True, "status": 200, "said": "200 OK"},
    "closed": False,
    "certificate": None,
    "database": None,
    "backup": None,
    "units": {"slipway-blog.service": "active", "nginx.service": "active"},
    "lock": None,
    "disk_free_mb": {"/srv/blog": 9000, "/var": 9000},
    "history": [],
}
CERTIFICATE = {"names": ["blog.example"], "ends": "2026-04-02T03:04:05+00:00", "days_left": 90}
DATABASE = {"host": "10.0.0.7", "size_mb": 12, "said": "", "beat": "", "dumped_before": None}
NOTHING = {"live": None, "slots": [], "site": None}
LOCK = {"by": "anna@laptop", "pid": 4711, "act": "deploy", "quiet_seconds": 3, "dead": False}


def report(**changes: Any) -> dict[str, Any]:
    """As it is with these keys; `slot`, `live` and `site` change a part of theirs."""
    made = copy.deepcopy(REPORT)
    for name in ("live", "site"):
        if changes.get(name):
            changes[name] = made[name] | changes[name]
    made["slots"][1] |= changes.pop("slot", {})
    return made | changes
