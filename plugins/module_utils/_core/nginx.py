# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sites an nginx configuration file holds. Tolerant: what it does not know it steps over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import Server

TOKEN = re.compile(
    r"""(?P<line>\n) | \s | \#[^\n]* | (?P<sign>[{};])
    | "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>(?:\\.|[^'\\])*)' | (?P<word>(?:\\.|\$\{[^}]*\}|[^\s{};])+)""",
    re.VERBOSE | re.DOTALL,
)


def servers(text: str) -> list[Server]:
    """The server blocks of a file, in their order."""
    found: list[Server] = []
    blocks: list[str] = []
    for line, words, end in _directives(text):
        name = words[0] if words else ""
        if end == "{":
            blocks.append(name)
            if name == "server":
                found.append(Server(line))
        elif end == "}":
            del blocks[-1:]
        elif blocks[-1:] == ["server"]:
            _note(found[-1], words)
    return [server if server.listens else Server(server.line, ["80"], server.names) for server in found]


def _note(server: Server, words: list[str]) -> None:
    if words and words[0] == "listen":
        server.listens.append(" ".join(words[1:]))
    elif words and words[0] == "server_name":
        server.names.extend(name for name in words[1:] if name not in server.names)


def _directives(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Each directive or block head: the line it begins on, its words, and the sign that ends it."""
    line = start = 1
    words: list[str] = []
    for token in TOKEN.finditer(text):
        word = next((token[kind] for kind in ("double", "single", "word") if token[kind] is not None), None)
        if word is not None:
            start = start if words else line
            words.append(word)
        elif token["sign"]:
            yield (start if words else line), words, token["sign"]
            words = []
        line += token[0].count("\n")
