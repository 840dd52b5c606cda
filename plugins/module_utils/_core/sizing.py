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
# Processes may take this share of a host's memory together, and each is given at least so much of it: more than an
# ordinary application takes. One that has outgrown its part is renewed. The memory of a host is not quite the same
# after each boot, and so parts are multiples of a step.
SHARE, LEAST_MB, STEP_MB = 0.75, 256, 64


@dataclass(frozen=True)
class Size:
    """Processes of each slot, and the memory in MB at which one of them is renewed; 0 is never."""

    processes: int
    memory_mb: int


def size(facts: Mapping[str, Any], slots: int, processes: int = 0, memory_mb: int = 0) -> Size:
    """What is 0 is found out from the facts of the host."""
    cores, has = int(facts.get("cores") or PROCESSES), int(facts.get("memory_mb") or 0)
    fitting = int(has * SHARE / LEAST_MB / slots) if has else cores
    each = processes or max(1, min(cores, fitting))
    part = int(has * SHARE / (slots * each)) // STEP_MB * STEP_MB
    return Size(each, memory_mb or (max(LEAST_MB, part) if has else 0))
