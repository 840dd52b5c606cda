# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program as a host starts it: a folder, by a Python that looks nowhere else."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

PROGRAM = Path(__file__).parents[4] / "roles/backup/files/backup"


def test_an_isolated_python_finds_every_room(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "own.db")) as base:
        base.execute("create table notes (text)")
    paths = [str(tmp_path / name) for name in ("own.db", "copy")]
    subprocess.run([sys.executable, "-I", PROGRAM, "blog", "copy", *paths], cwd="/", check=True)
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "own.db").read_bytes()
