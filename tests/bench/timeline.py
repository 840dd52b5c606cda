# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the seconds of a run went, from the file that the callback `steps` wrote of it: by phase, and task by task.

python -m tests.bench.timeline FILE... prints a table in Markdown for each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PHASES = {
    "look": ("Check the inventory and the description of the app", "Look at the hosts", "Status"),
    "gate": ("Begin to test the commit", "Test the commit", "While it is tested", "The commit is tested"),
    "ground": ("Take the app off", "Bare hosts", "Servers", "Hosts that leave the app", "Certificates"),
    "ship": ("Ship the release", "Go back"),
}
WORTH_A_LINE = 0.05


def figures(report: Mapping[str, Any], seconds: float) -> dict[str, float]:
    """Steps, and seconds by phase; outside of its plays, Ansible starts and ends."""
    plays = {play["name"]: play["seconds"] for play in report["plays"]}
    phases = {phase: sum(plays.pop(name, 0.0) for name in names) for phase, names in PHASES.items()}
    assert not plays, f"plays that belong to no phase of tests/bench/timeline.py: {sorted(plays)}"
    ansible = {"ansible": seconds - sum(phases.values())}
    return (
        {"seconds": seconds, "remote_steps": report["remote_steps"], "kinds": len(report["modules"])} | ansible | phases
    )


def lines(report: Mapping[str, Any]) -> Iterator[str]:
    """A line for each play and for each task that takes its time; the other tasks of a play together."""
    yield "| | seconds | remote steps |"
    yield "|---|---:|---:|"
    for play in report["plays"]:
        yield _line(play, "**")
        short = [task for task in play["tasks"] if task["seconds"] < WORTH_A_LINE]
        yield from (_line(task) for task in play["tasks"] if task not in short)
        if short and len(short) < len(play["tasks"]):
            rest = {key: sum(task[key] for task in short) for key in ("seconds", "remote_steps")}
            yield _line({"name": f"shorter ones: {len(short)}", **rest})
    yield _line({"name": "the whole run", **report}, "**")


def _line(entry: Mapping[str, Any], mark: str = "") -> str:
    name = entry["name"].removeprefix("slipway.flask.").partition(" - ")[0]
    return f"| {mark}{name}{mark} | {entry['seconds']:.2f} | {entry['remote_steps'] or ''} |"


def main() -> None:
    for path in map(Path, sys.argv[1:]):
        print(path.stem, "", *lines(json.loads(path.read_text(encoding="utf-8"))), "", sep="\n")


if __name__ == "__main__":
    main()
