# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a port is: those of 127.0.0.1 that a program which serves by itself gets (app_port for its trial, then one a
slot), and the one where visitors reach a server that has no front server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.moves import Departure, departures

COUNT = 10


def judge_ports(name: str, first: int, facts: Mapping[str, Any]) -> Iterator[str]:
    """Whoever listens on one of them must be the app itself; an app that is down has its ports all the same."""
    given = {other: list(_given(app)) for other, app in facts.get("apps", {}).items()}
    ours = {f"slipway-{name}.service"}
    if first in given.get(name, ()):
        ours.add("")  # a container may hide whose sockets they are
    for port in range(first, first + COUNT):
        holder = facts.get("listeners", {}).get(str(port))
        if holder and holder["unit"] not in ours:
            yield f"app_port is {first}, and port {port} is held by {who(holder)}. Write another app_port."
    for other, ports in given.items():
        for port in ports if other != name else ():
            if abs(port - first) < COUNT:
                yield f"app_port is {first}, and the app {other} there has {port}. Write app_port: {port + COUNT}."


def judge_server_port(name: str, port: int, facts: Mapping[str, Any]) -> Iterator[str]:
    """Nobody but the app itself may listen there, and no other app may have it."""
    holder = holder_of(name, "", str(port), facts)
    others = [other for other, at in _given_to_servers(facts).items() if other != name and at == port]
    if others:
        yield f"Visitors reach the app {others[0]} at port {port} there. Give this one another port."
    elif holder:
        otherwise = "Stop it, take it off this host, or give the app another port."
        yield f"Port {port} is held by {who(holder)}. {staying(name, '', holder, facts) or otherwise}"


def holder_of(name: str, front: str, port: str, facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who listens on a port and goes on doing so when the app `name` is served by `front`, or by nobody before it."""
    holder: Mapping[str, Any] | None = facts.get("listeners", {}).get(port)
    ours = {f"slipway-{name}.service"}
    if _given_to_servers(facts).get(name) == int(port):
        ours.add("")  # a container may hide whose sockets they are
    leaves = [one for one in departures(name, front, facts) if not one.stays]
    if holder and (holder["unit"] in ours or any(_is_of(one, holder) for one in leaves)):
        return None
    return holder


def staying(name: str, front: str, holder: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """What to do when the app moves away from a front server that others stay with; empty when it is not that."""
    found = [one for one in departures(name, front, facts) if one.stays and _is_of(one, holder)]
    return f"It also serves {', '.join(found[0].stays)}: move that as well, or neither." if found else ""


def who(holder: Mapping[str, Any]) -> str:
    """Who listens on a port, as `survey` found it."""
    return f"{holder['command'] or 'a program'} (process {holder['pid']}, {holder['unit'] or 'no unit'})"


def _is_of(departure: Departure, holder: Mapping[str, Any]) -> bool:
    return FRONTS[departure.front].command == str(holder["command"])


def _given_to_servers(facts: Mapping[str, Any]) -> dict[str, int]:
    """Where visitors reach each app's own server, of those that have no front server."""
    fronts = {name: (app or {}).get("front") or {} for name, app in facts.get("apps", {}).items()}
    return {name: int(front["port"]) for name, front in fronts.items() if front and not front.get("unit")}


def _given(app: Mapping[str, Any] | None) -> Iterator[int]:
    """The first port of each of an app's programs that have some."""
    rows = ((app or {}).get("programs") or {}).values()
    return (row["port"] for row in rows if row and row.get("port"))
