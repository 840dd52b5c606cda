# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A systemd unit: what is wished, what was found, and the systemctl verbs between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# What takes a verb back: a failed step leaves the unit as it was found.
INVERSE = {
    "start": "stop",
    "stop": "start",
    "reload": "reload-or-restart",
    "restart": "restart",
    "enable": "disable",
    "disable": "enable",
}
# Not a verb of systemctl: the change is not made at all while the unit runs.
REFUSE = "refuse"
RUNNING = frozenset({"active", "activating", "reloading", "refreshing"})
# Units in the last two states cannot be enabled or disabled: something else decides when they start.
ENABLED = frozenset({"enabled", "enabled-runtime", "alias", "static", "generated", "indirect"})
PROPERTIES = ("ActiveState", "UnitFileState")


@dataclass(frozen=True)
class Unit:
    """The wish. None leaves a property as it is."""

    name: str
    enabled: bool | None = None
    state: str | None = None
    on_change: str = "none"
    watches: Sequence[str] = ()
    hint: str = ""

    def concerned(self, changed: Iterable[str]) -> bool:
        """Whether a change of these paths means anything to the unit; one that watches none in particular takes all."""
        paths = set(changed)
        return bool(paths & set(self.watches)) if self.watches else bool(paths)


@dataclass(frozen=True)
class UnitState:
    running: bool
    enabled: bool


def read_state(properties: Mapping[str, str]) -> UnitState:
    """From what `systemctl show` prints; a unit that does not exist is neither running nor enabled."""
    return UnitState(
        running=properties.get("ActiveState") in RUNNING,
        enabled=properties.get("UnitFileState") in ENABLED,
    )


def plan_unit(wished: Unit, found: UnitState, files_changed: bool) -> list[str]:
    """The verbs, state first: a unit that does not start is not enabled either."""
    verbs = []
    if wished.state == "started" and not found.running:
        verbs.append("start")
    elif wished.state == "stopped" and found.running:
        verbs.append("stop")
    elif files_changed and found.running and wished.on_change != "none":
        verbs.append(wished.on_change)
    if wished.enabled is not None and wished.enabled != found.enabled:
        verbs.append("enable" if wished.enabled else "disable")
    return verbs
