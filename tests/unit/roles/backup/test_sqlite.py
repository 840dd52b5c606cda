# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases of SQLite among the files: copied, found, counted, and what of them somebody would miss."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from here import Here, attempt
from judging import occupied
from sqlite import copy_database, rows_of
from taking import look_at


def database(path: Path, rows: int) -> sqlite3.Connection:
    base = sqlite3.connect(path)
    base.execute("pragma journal_mode = wal")
    base.execute("create table if not exists notes (text)")
    base.executemany("insert into notes values (?)", [(number,) for number in range(rows)])
    base.commit()
    return base


def test_a_copy_has_what_is_in_the_log_only(tmp_path: Path) -> None:
    writer = database(tmp_path / "a?b#%.db", 100)
    assert rows_of(tmp_path / "a?b#%.db") == (0, 0), "nothing would be missed"
    copy_database(str(tmp_path / "a?b#%.db"), str(tmp_path / "copy"))
    writer.close()
    assert rows_of(tmp_path / "copy", check=True) == (1, 100)
    assert not list(tmp_path.glob("copy-*"))


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    database(tmp_path / "own.db", 20000).close()
    with (tmp_path / "own.db").open("r+b") as stream:
        stream.seek(20 * 4096)
        stream.write(b"\xff" * 4096)
    assert attempt(lambda: rows_of(tmp_path / "own.db", check=True))


def test_databases_are_found_whatever_they_are_called(here: Here) -> None:
    database(here.shared / "things", 1).close()
    (here.shared / "text.db").write_text("no database")
    (here.shared / "link").symlink_to(here.shared / "things")
    os.mkfifo(here.shared / "pipe")
    found = look_at(here)
    assert found["databases"] == [str(here.shared / "things")]
    assert str(os.getuid()) in found["owners"]["users"]


def test_an_app_without_rows_and_files_has_nothing_to_lose(here: Here) -> None:
    (here.shared / "data").mkdir()
    database(here.shared / "data/own.db", 0).close()
    assert occupied(here) == []
    (here.shared / "empty").touch()
    assert occupied(here) == [f"1 file in {here.shared}"]


def test_rows_that_are_in_the_log_only_are_somebodys(here: Here) -> None:
    writer = database(here.shared / "own.db", 5)
    assert occupied(here) == [f"1 file in {here.shared}"]
    writer.close()
    assert occupied(here) == [f"1 file in {here.shared}"]
