# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions that need all hosts at once: who goes first, who runs what runs once, and whether all may go on."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError


@dataclass(frozen=True)
class Place:
    """What one host has to know: its wave, and whether it runs the commands that run once."""

    wave: int
    waves: int
    leader: bool
    canaries: tuple[int, ...]  # waves of one host that is watched before the next ones follow


def places(
    hosts: Sequence[str], wave: str, initialised: Collection[str], behind: Collection[str] = ()
) -> dict[str, Place]:
    """One canary first, then the rest in waves of `wave` (a number of hosts or a share, `25%`).

    Hosts `behind` those that serve come before them, in the same manner: what a new server hands on to them, old ones
    may not know. The leader is the host that ran the commands before, so that what runs once in the life of an app
    does not run again on another host.
    """
    serving = [host for host in hosts if host not in behind]
    working = [host for host in hosts if host in behind]
    leader = next((host for host in hosts if host in initialised), [*serving, *working][0])
    waves: list[list[str]] = []
    canaries = []
    for first, *rest in filter(None, (working, serving)):
        size = wave_size(wave, len(rest) + 1)
        canaries.append(len(waves))
        waves += [[first], *(rest[start : start + size] for start in range(0, len(rest), size))]
    return {
        host: Place(number, len(waves), host == leader, tuple(canaries))
        for number, group in enumerate(waves)
        for host in group
    }


def judge_init(commands: Sequence[str], initialised: Collection[str], away: Sequence[str]) -> None:
    """Whether commands that run once in the life of the app may run: hosts that are `away` may have run them."""
    if commands and away and not initialised:
        raise SlipwayError(
            f"app_init_commands run once in the life of the app. Whether they have, {', '.join(away)} may know, without"
            " which this run is. Type it without --limit, or, when they have: -e '{\"app_init_commands\": []}'"
        )


def wave_size(wave: str, hosts: int) -> int:
    """How many hosts go at once; at least one."""
    text = wave.strip()
    number = text.removesuffix("%").strip()
    if not number.isdecimal() or int(number) == 0:
        raise SlipwayError(f"deploy_wave is {wave!r}. Write a number of hosts (2) or a share of them (25%).")
    if text.endswith("%"):
        return max(1, math.floor(hosts * int(number) / 100))
    return int(number)


def disagreement(hosts: Sequence[str], results: Mapping[str, Mapping[str, Any] | None], same: str = "") -> list[str]:
    """Why the hosts may not go on together: one failed or is gone, or they would serve different things."""
    problems = []
    for host in hosts:
        result = results.get(host)
        if result is None or result.get("unreachable"):
            problems.append(f"{host}: cannot be reached any more")
        elif result.get("failed"):
            # the whole message stands where that host failed
            problems.append(f"{host}: {first_line(result.get('msg'))}")
    if same and not problems:
        values = {host: (results[host] or {}).get(same) for host in hosts}
        if len({value for value in values.values() if value}) > 1:
            shown = ", ".join(f"{host} {str(value)[:12]}" for host, value in values.items())
            problems.append(f"the hosts would not serve the same {same}: {shown}")
    return problems


def first_line(text: object) -> str:
    """What of a message is repeated further down: its first line says what, the rest says it at length."""
    return next((line.strip() for line in str(text or "").splitlines() if line.strip()), "failed")
