# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a host as a person reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import backup_text, broker_report

Report = Mapping[str, Any]

SLOTS = ("slot", "state", "pid", "up", "memory", "release", "health")
HISTORY = ("history", "", "", "commit", "by", "took", "tests", "subject")


def render(report: Report) -> str:
    """A few lines: what is live and who shipped it, each slot, the site, whoever holds the lock, the last runs.

    Of a host that does not run the app, how its broker and the backups of its database are.
    """
    lines = [line for section in SECTIONS if "live" in report for line in section(report)]
    lines += () if "live" in report else backup_text.state(report.get("backup"))
    return "\n".join([*lines, *(broker_report.render(report["broker"]) if report.get("broker") else ())])


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under their columns, each column as wide as it needs."""
    every = [columns, *rows]
    widths = [max(len(row[index]) for row in every) for index in range(len(columns))]
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


def _live(report: Report) -> Iterator[str]:
    live = report["live"]
    if not live:
        yield f"{report['name']}: nothing has been shipped to this host yet."
        return
    tests = (live.get("tests") or {}).get("passed")
    yield f"{report['name']} {live['release']}  {live['commit'][:12]}  {live['subject']}"
    yield (
        f"  live since {live['at']} by {live['by']}, "
        + (f"{tests} tests passed" if tests is not None else "untested")
        + ("" if live["verdict"] == "good" else f", verdict {live['verdict']}")
    )


def _slots(report: Report) -> Iterator[str]:
    live = report["live"]
    if live:
        yield from table(SLOTS, [_slot(slot, live["release"]) for slot in report["slots"]])


def _slot(slot: Report, live: str) -> list[str]:
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


def _site(report: Report) -> Iterator[str]:
    site = report["site"]
    if site:
        yield f"  site  {'well' if site['well'] else 'NOT WELL: ' + site['said']}{_tls(report['certificate'])}"
    if report["closed"]:
        yield "  in maintenance: visitors get a page with status 503. To open it: -e maintenance=off"


def _tls(certificate: Report | None) -> str:
    if not certificate or certificate["ends"] is None:
        return ""
    return f", over TLS until {certificate['ends'][:10]} ({certificate['days_left']} days)"


def _database(report: Report) -> Iterator[str]:
    found = report["database"]
    if found:
        state = f"{found['size_mb']} MB" if found["size_mb"] is not None else f"DOES NOT ANSWER: {found['said']}"
        dumped = f", dumped before {found['dumped_before']}" if found["dumped_before"] else ""
        yield f"  database  on {found['host']}, {state}{dumped}"
        if found["beat"]:
            yield f"  beat  on {found['beat']}"


def _lock(report: Report) -> Iterator[str]:
    lock = report["lock"]
    if lock:
        yield f"  locked by {lock['by']} (process {lock['pid']}, {lock['act'] or 'deploy'})"


def _history(report: Report) -> Iterator[str]:
    """The oldest first, each with the reason why it failed below it."""
    rows = report["history"]
    head, *lines = table(HISTORY, [_run(row) for row in rows])
    if rows:
        yield head
    for line, row in zip(lines, rows, strict=True):
        yield line
        if row["reason"]:
            yield f"      {row['reason']}"


def _run(row: Report) -> list[str]:
    tests = "untested" if row["tests"] is None else str(row["tests"])
    return [
        row["at"].replace("T", " ").replace("+00:00", "Z"),
        row["act"],
        row["outcome"],
        row["commit"][:12],
        row["by"],
        duration(row["seconds"]),
        tests,
        row["subject"],
    ]


# What a host tells, in order; each section is silent where it has nothing to say.
SECTIONS: tuple[Callable[[Report], Iterator[str]], ...] = (
    _live,
    _slots,
    _site,
    _database,
    lambda report: backup_text.state(report["backup"]),
    _lock,
    _history,
)
