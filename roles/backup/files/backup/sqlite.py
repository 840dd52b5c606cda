# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases of SQLite among the files: to find, to copy while somebody writes, and to count."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from folders import has_room
from here import NOTES, Failed, Here, last

SQLITE = b"SQLite format 3\0"
BESIDE = ("", "-wal", "-shm", "-journal")
# all of these rooms: Python starts what is in __main__
PROGRAM = os.path.dirname(__file__)


def is_sqlite(path: Path) -> bool:
    """By its beginning, for it may be called anything. Nobody is waited for at a pipe, and no link is followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(handle).st_mode) and os.read(handle, len(SQLITE)) == SQLITE
    finally:
        os.close(handle)


def is_empty(path: Path) -> bool:
    """A database without rows, or what SQLite keeps beside it that holds none either."""
    if path.name.endswith(BESIDE[1:]) and is_sqlite(path.with_name(path.name.rpartition("-")[0])):
        return path.name.endswith(BESIDE[2]) or path.stat().st_size == 0
    return is_sqlite(path) and rows_of(path)[1] == 0


def copied(here: Here, databases: Sequence[str], work: Path) -> dict[str, str]:
    """Copies that are whole, whoever writes meanwhile: number -> where it came from. Each is made by who owns it."""
    if databases:
        has_room(work, sum(Path(path).stat().st_size for path in databases), "A copy of the files of SQLite")
    for number, path in enumerate(databases):
        owner = Path(path).lstat()
        folder = work / str(number)
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.st_uid, owner.st_gid)
        who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        argv = [sys.executable, "-I", PROGRAM, here.app, "copy", path, str(folder / "copy")]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, **who)
        if done.returncode:
            raise Failed(f"{path} cannot be copied: {last(done.stderr)}")
        os.chmod(folder / "copy", stat.S_IMODE(owner.st_mode))
    return {str(number): path for number, path in enumerate(databases)}


def copy_database(source: str, target: str) -> None:
    """By SQLite's own backup, which waits for writers and misses nothing that is only in the log."""
    given = sqlite3.connect(f"file:{quote(source)}?mode=rw", uri=True, timeout=60)
    made = sqlite3.connect(target)
    with contextlib.closing(given), contextlib.closing(made):
        given.backup(made)
        # as one file, without a log beside it
        made.execute("pragma journal_mode = delete")


def rows_of(path: Path, check: bool = False) -> tuple[int, int]:
    """How many tables and rows a file of SQLite has; nothing beside it is read or made."""
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?immutable=1", uri=True)) as base:
        base.execute("pragma trusted_schema = off")
        if check and base.execute("pragma quick_check").fetchone() != ("ok",):
            raise Failed(f"{path.name} was brought back and is damaged.")
        query = "select name from sqlite_master where type = 'table' and sql not like 'create virtual%'"
        names = [name for (name,) in base.execute(query) if check or name not in NOTES]
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        return len(names), sum(base.execute(f"select count(*) from {name}").fetchone()[0] for name in quoted)
