# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How large the servers of an app are where nobody says so: by the cores and the memory of their host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# of a host that nobody has looked at
CORES = 2
# While one slot is restarted the others serve. A program that serves by itself has a port for each.
SLOTS, MOST_SLOTS = 2, 9
# Processes may take this share of a host's memory together, and each is given at least so much of it: more than an
# ordinary application takes. One that has outgrown its part is renewed. The memory of a host is not quite the same
# after each boot, and so parts are multiples of a step.
SHARE, LEAST_MB, STEP_MB = 0.75, 256, 64


@dataclass(frozen=True)
class Size:
    """Slots, processes of each, and the memory in MB at which a process is renewed. 0 in what is said: not said."""

    slots: int = 0
    processes: int = 0
    memory_mb: int = 0


def size(facts: Mapping[str, Any], app: str, fronted: bool, said: Size) -> Size:
    """What is not said is found out from the facts of the host."""
    cores, has = int(facts.get("cores") or CORES), int(facts.get("memory_mb") or 0)
    together = int(has * SHARE)
    fitting = together // LEAST_MB if has else cores * SLOTS
    if not fronted:
        # each slot is one process
        slots = said.slots or _kept(facts, app, fronted) or max(SLOTS, min(cores, fitting, MOST_SLOTS))
        return Size(slots, 1)
    slots = said.slots or _kept(facts, app, fronted) or SLOTS
    processes = said.processes or max(1, min(cores, fitting // slots))
    part = together // (slots * processes) // STEP_MB * STEP_MB
    return Size(slots, processes, said.memory_mb or (max(LEAST_MB, part) if has else 0))


def _kept(facts: Mapping[str, Any], app: str, fronted: bool) -> int:
    """The slots that the app has on the host, for another number would stop all of them. 0 when it moves."""
    apps = facts.get("apps") or {}
    here = (apps.get(app) if isinstance(apps, Mapping) else None) or {}
    was_fronted = bool((here.get("front") or {}).get("unit"))
    web = (here.get("programs") or {}).get("web") or {}
    return int(web.get("slots") or 0) if was_fronted == fronted else 0
