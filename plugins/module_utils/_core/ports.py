# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ports of 127.0.0.1 that a program which serves by itself gets: app_port for its trial, then one a slot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

COUNT = 10


def judge_ports(name: str, first: int, facts: Mapping[str, Any]) -> Iterator[str]:
    """Whoever listens on one of them must be the app itself; an app that is down has its ports all the same."""
    for port in map(str, range(first, first + COUNT)):
        holder = facts.get("listeners", {}).get(port)
        if holder and holder["unit"] != f"slipway-{name}.service":
            who = f"{holder['command'] or 'a program'} (process {holder['pid']}, {holder['unit'] or 'no unit'})"
            yield f"app_port is {first}, and port {port} is held by {who}. Write another app_port."
    for other, app in facts.get("apps", {}).items():
        rows = [row for row in ((app or {}).get("programs") or {}).values() if row and row.get("port")]
        for row in rows if other != name else ():
            if abs(row["port"] - first) < COUNT:
                free = row["port"] + COUNT
                yield f"app_port is {first}, and the app {other} there has {row['port']}. Write app_port: {free}."
