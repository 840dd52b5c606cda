# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How large the servers of an app are where nobody says so: by the cores and the memory of their host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# of a host that nobody has looked at
PROCESSES = 2
# What an ordinary Flask application takes of memory for each process, and what processes may take of a host's.
ORDINARY_MB, SHARE_FOR_PROCESSES = 100, 0.5
# A process that has grown beyond its part of this share is renewed. No part is smaller than LEAST_MB: it would be
# renewed all the time. The memory of a host is not the same after each boot, and so parts are multiples of STEP_MB.
SHARE_BEFORE_RENEWAL, LEAST_MB, STEP_MB = 0.75, 128, 64


@dataclass(frozen=True)
class Size:
    """Processes of each slot, and the memory in MB at which one of them is renewed; 0 is never."""

    processes: int
    memory_mb: int


def size(facts: Mapping[str, Any], slots: int, processes: int = 0, memory_mb: int = 0) -> Size:
    """What is 0 is found out from the facts of the host."""
    cores, has = int(facts.get("cores") or PROCESSES), int(facts.get("memory_mb") or 0)
    fitting = int(has * SHARE_FOR_PROCESSES / ORDINARY_MB / slots) if has else cores
    each = processes or max(1, min(cores, fitting))
    part = int(has * SHARE_BEFORE_RENEWAL / (slots * each)) // STEP_MB * STEP_MB
    return Size(each, memory_mb or (max(LEAST_MB, part) if has else 0))
