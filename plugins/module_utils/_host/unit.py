# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""systemctl, as far as a set of files needs it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import LONGEST_STOP_SECONDS
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import PROPERTIES, UnitState, read_state
from ansible_collections.slipway.flask.plugins.module_utils._host.command import run

PATIENCE_SECONDS = 300.0
# a unit whose programs have the longest time to end, and start again
UNIT_SECONDS = LONGEST_STOP_SECONDS + PATIENCE_SECONDS
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def must(argv: Sequence[str], seconds: float | None = None) -> str:
    """What the command prints; its failure, in its own words, is ours."""
    environment = {**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8"}
    result = run(argv, timeout=seconds or PATIENCE_SECONDS, env=environment)
    if not result.ok:
        end = "took too long" if result.timed_out else f"failed with status {result.status}"
        raise SlipwayError(f"`{' '.join(argv)}` {end}:\n{result.tail()}")
    return result.stdout


def look_at_unit(name: str) -> UnitState:
    return look_at_units([name])[name]


def look_at_units(names: Sequence[str]) -> dict[str, UnitState]:
    """By name, asked together."""
    if not names:
        return {}
    shown = must(["systemctl", "show", *names, "--property", ",".join(PROPERTIES)])
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in shown.split("\n\n")]
    return {name: read_state(block) for name, block in zip(names, blocks, strict=True)}
