# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a release on Heroku is well, and how it is told when it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import Check, matching, record, whole
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_formation import Kind

LINES = 30
# a dyno of the cheap kind sleeps when nobody asks, and wakes up when somebody does
WELL = ("up", "idle")

_KIND = record({"quantity": whole(0), "size": matching(r"[A-Za-z0-9.-]+", "the name of a size, such as basic")})
RULES: Mapping[str, Check] = {
    "health_path": matching(r"/\S*", "a path of the site, such as /healthz"),
    "wait_seconds": whole(1),
    "rollback": matching(r"(previous|v[0-9]+)?", "previous, or a release such as v12"),
    "commit": matching(r"([0-9a-f]{40})?", "a whole commit, 40 letters"),
}


@dataclass(frozen=True)
class Dyno:
    name: str
    kind: str
    state: str
    version: int


def judge(given: Mapping[str, Any]) -> Iterator[str]:
    """Options that are wrong whatever the platform says."""
    for name, check in RULES.items():
        if given[name] != "":
            yield from check(name, given[name])
    for name, wish in given["formation"].items():
        yield from _KIND(f"formation.{name}", wish)


def read_dynos(rows: Sequence[Mapping[str, Any]]) -> list[Dyno]:
    return [Dyno(row["name"], row["type"], row["state"], row["release"]["version"]) for row in rows]


def missing(dynos: Sequence[Dyno], formation: Mapping[str, Kind], version: int) -> list[str]:
    """What is not yet as the formation wants it of this release."""
    found = []
    for name, kind in sorted(formation.items()):
        mine = [dyno for dyno in dynos if dyno.kind == name]
        found += [f"{dyno.name} is {dyno.state}" for dyno in mine if dyno.state not in WELL]
        found += [f"{dyno.name} still runs v{dyno.version}" for dyno in mine if dyno.version < version]
        if len(mine) != kind.quantity:
            found.append(f"{name} has {len(mine)} dynos of {kind.quantity}")
    return found


def crashed(dynos: Sequence[Dyno], formation: Mapping[str, Kind], version: int) -> set[str]:
    return {one.name for one in dynos if one.state == "crashed" and one.kind in formation and one.version >= version}


def tail(text: str, lines: int = LINES) -> str:
    """The last lines, moved in under the sentence that they belong to."""
    return "".join(f"\n    {line}" for line in text.strip().splitlines()[-lines:])


def push_failed(said: str) -> str:
    """What the platform said of a build that it did not take; without its lines, what git said."""
    lines = [line.partition("remote:")[2].strip() for line in said.splitlines() if line.startswith("remote:")]
    spoken = [line for line in lines if line]
    return tail("\n".join(spoken or said.splitlines()))
