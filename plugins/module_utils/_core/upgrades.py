# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which commands do nothing but bring a database to its newest revision."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

OPERATORS = frozenset("();<>|&")  # a shell's: more than one command, or more than its arguments


def only(commands: Iterable[str]) -> bool:
    """Whether each of them is Alembic's or Flask-Migrate's upgrade and nothing else.

    So it changes nothing in a database that has its newest revision. What does not read like one may do anything.
    """
    return all(map(_is_upgrade, commands))


def _is_upgrade(command: str) -> bool:
    if any(special in command for special in "$`\n"):
        return False
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.commenters = ""
    try:
        said = list(words)
    except ValueError:
        return False
    if any(set(word) <= OPERATORS for word in said):
        return False
    end = said[:-1] if said[-1:] in (["head"], ["heads"]) else said
    return end[-2:] == ["db", "upgrade"] or (end[:1] == ["alembic"] and end[-1:] == ["upgrade"])
