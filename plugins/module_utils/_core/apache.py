# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What virtual hosts an Apache configuration file holds. Tolerant: what it does not know it steps over."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import Server, port_of

_OPENS = re.compile(r"<VirtualHost\s+([^>]*)>", re.IGNORECASE)
_CLOSES = re.compile(r"</VirtualHost>", re.IGNORECASE)
_NAMES = re.compile(r"Server(?:Name|Alias)\s+(.*)", re.IGNORECASE)
# a name may be written as an address
_NAME = re.compile(r"(?:\w+://)?(?P<name>[^:/]+)")


def servers(text: str) -> list[Server]:
    """The virtual hosts of a file, in their order. One without a name answers every name that no other does."""
    found: list[Server] = []
    inside = False
    for number, line in _lines(text):
        if opens := _OPENS.match(line):
            found.append(Server(number, _words(opens[1])))
            inside = True
        elif _CLOSES.match(line):
            inside = False
        elif inside and (names := _NAMES.match(line)):
            found[-1].names.extend(match["name"] for word in _words(names[1]) if (match := _NAME.match(word)))
    return [server if server.names else _default(server) for server in found]


def with_defaults(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, of all files in the order in which they are read: of those that are not ours, the first one on a port
    answers every name that no other does, though it may have a name."""
    seen: set[str] = set()
    for row in (row for row in rows if not row["ours"]):
        marked = [_as_default(listen, seen) for listen in row["listens"]]
        row["listens"] = marked
        seen |= {port_of(listen) for listen in marked}
    return rows


def _as_default(listen: str, seen: set[str]) -> str:
    return listen if port_of(listen) in seen or "default_server" in listen else f"{listen} default_server"


def _default(server: Server) -> Server:
    return Server(server.line, [f"{listen} default_server" for listen in server.listens])


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quotation mark too many
        return text.split()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that says something, with the number it begins at: a backslash at its end takes the next one in."""
    whole, begun = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        begun = begun or number
        whole += line.strip()
        if whole.endswith("\\"):
            whole = whole[:-1] + " "
            continue
        if whole and not whole.startswith("#"):
            yield begun, whole
        whole, begun = "", 0
