# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the processes of a slot use, read from /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path


def memory_mb(pid: int) -> int:
    """Proportional memory of a process and all its descendants: pages that workers share count once."""
    return round(sum(_proportional_kb(member) for member in family(pid)) / 1024)


def family(pid: int) -> list[int]:
    """The process and everything it started that is still there."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(_parent(int(entry.name)), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        member = todo.pop()
        found.append(member)
        todo.extend(children.get(member, ()))
    return found


def uptime_seconds(pid: int) -> int:
    """How long ago a process started; 0 when it is gone."""
    fields = _stat(pid)
    if len(fields) < 20:
        return 0
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return max(0, round(time.clock_gettime(time.CLOCK_BOOTTIME) - started))


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if len(fields) > 1 else 0


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _proportional_kb(pid: int) -> int:
    try:
        lines: Iterable[str] = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
