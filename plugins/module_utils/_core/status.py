# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a host as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = ("slot", "state", "pid", "up", "memory", "release", "health")


def render(report: Mapping[str, Any]) -> str:
    """A few lines: what is live and who shipped it, each slot, the site, and whoever holds the lock."""
    live = report["live"]
    if not live:
        return f"{report['name']}: nothing has been shipped to this host yet."
    tests = (live.get("tests") or {}).get("passed")
    lines = [
        f"{report['name']} {live['release']}  {live['commit'][:12]}  {live['subject']}",
        f"  live since {live['at']} by {live['by']}, "
        + (f"{tests} tests passed" if tests is not None else "untested")
        + ("" if live["verdict"] == "good" else f", verdict {live['verdict']}"),
        *table([_row(slot, live["release"]) for slot in report["slots"]]),
        f"  site  {'well' if report['site']['well'] else 'NOT WELL: ' + report['site']['said']}",
    ]
    if report["lock"]:
        lines.append(f"  locked by {report['lock']['by']} (process {report['lock']['pid']}, {report['lock']['act']})")
    return "\n".join(lines)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under COLUMNS, each column as wide as it needs."""
    every = [COLUMNS, *rows]
    widths = [max(len(row[index]) for row in every) for index in range(len(COLUMNS))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every
    ]


def duration(seconds: int) -> str:
    """`4 d 3 h`, `2 h 5 min`, `3 min 20 s`, `12 s`."""
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count or (name == "s" and not parts):
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def _row(slot: Mapping[str, Any], live: str) -> list[str]:
    release = slot["release"] if slot["release"] in ("", live) else f"{slot['release']} (not the live one)"
    return [
        slot["slot"],
        slot["state"].lower(),
        str(slot["pid"] or "-"),
        duration(slot["uptime_seconds"]),
        f"{slot['memory_mb']} MB",
        release or "-",
        f"well, {slot['milliseconds']} ms" if slot["well"] else slot["said"],
    ]
