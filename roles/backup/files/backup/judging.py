# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What would be brought back, and what speaks against it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from folders import has_room, regular
from here import FILES, NOTES, Failed, Here, attempt
from postgresql import counted
from repository import size
from snapshots import chosen, shown, snapshots
from sqlite import is_empty


def judge(here: Here, asked: argparse.Namespace, against: Sequence[str] = ()) -> tuple[dict[str, dict], dict]:
    """What would be brought back. Everything that speaks against it is said at once, with what is known already."""
    found = chosen(snapshots(here), here.parts, asked.of or here.host, asked.wanted)
    wrong = [*against]
    if FILES in found:
        wrong.append(attempt(lambda: has_room(here.shared, size(here, found[FILES]), "What is to be restored")))
    there = [] if asked.over else occupied(here)
    if there:
        wrong.append(f"{here.app} has {' and '.join(there)}, which would be lost. To replace it: -e restore_over=true")
    if any(wrong):
        raise Failed("\n".join(filter(None, wrong)))
    return found, {"snapshots": {part: one["id"] for part, one in found.items()}, "of": shown(found.values())}


def occupied(here: Here) -> list[str]:
    """What people have stored. A schema without rows is what a first release makes."""
    found = []
    if here.files:
        files = [
            path for path in regular(here.shared) if path.is_file() and not path.is_symlink() and not is_empty(path)
        ]
        found += [f"{some(len(files), 'file')} in {here.shared}"] if files else []
    if here.database:
        names = ", ".join(f"'{name}'" for name in NOTES)
        # in the schema slipway stands when tasks were sent by the clock
        tables, rows = counted(here, but=f"and c.relname not in ({names}) and n.nspname <> 'slipway'")
        found += [f"{some(rows, 'row')} in {some(tables, 'table')} of its database"] if rows else []
    return found


def some(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
