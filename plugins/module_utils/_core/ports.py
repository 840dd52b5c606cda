# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a port is: those of 127.0.0.1 that a program which serves by itself gets (app_port for its trial, then one a
slot), and the one where visitors reach a server that has no front server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
    apps = facts.get("apps", {})
    fronts = {other: (app or {}).get("front") or {} for other, app in apps.items()}
    ours = {f"slipway-{name}.service"} | ({""} if fronts.get(name, {}).get("port") == port else set())
    holder = facts.get("listeners", {}).get(str(port))
    others = [other for other, front in fronts.items() if other != name and front.get("port") == port]
    if others:
        yield f"Visitors reach the app {others[0]} at port {port} there. Give this one another port."
    elif holder and holder["unit"] not in ours:
        yield f"Port {port} is held by {who(holder)}. Stop it, take it off this host, or give the app another port."


def who(holder: Mapping[str, Any]) -> str:
    """Who listens on a port, as `survey` found it."""
    return f"{holder['command'] or 'a program'} (process {holder['pid']}, {holder['unit'] or 'no unit'})"


def _given(app: Mapping[str, Any] | None) -> Iterator[int]:
    """The first port of each of an app's programs that have some."""
    rows = ((app or {}).get("programs") or {}).values()
    return (row["port"] for row in rows if row and row.get("port"))
