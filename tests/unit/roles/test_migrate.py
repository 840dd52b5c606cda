# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release does to the database on a platform: with a stub of what asks the database where it is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROLES = Path(__file__).parents[3] / "roles"
REVISIONS = {
    "0001": {"after": [], "text": "0001 (first)", "drops": False},
    "0002": {"after": ["0001"], "text": "0002, drop_column users.fax", "drops": True},
}


def ran(folder: Path, at: Sequence[str] | None, **told: object) -> subprocess.CompletedProcess[str]:
    for path in ("platform/files/migrate.py", "supervisor/files/lock.py"):
        shutil.copy(ROLES / path, folder)
    wanted = {"init": [], "migrate": ["echo migrated"], "destructive": False, "revisions": REVISIONS, **told}
    (folder / "migrate.json").write_text(json.dumps(wanted))
    answer = "raise SystemExit(1)" if at is None else f"print({json.dumps(json.dumps({'at': list(at)}))})"
    (folder / "where.py").write_text(answer)
    argv = [sys.executable, str(folder / "migrate.py")]
    return subprocess.run(argv, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}, check=False)


@pytest.mark.parametrize("at", [None, [], ["0001"]])
def test_a_release_that_knows_the_schema_migrates_it(tmp_path: Path, at: list[str] | None) -> None:
    done = ran(tmp_path, at, destructive=True)
    assert done.returncode == 0 and "\nmigrated\n" in done.stdout


def test_who_goes_back_leaves_a_schema_that_he_does_not_know(tmp_path: Path) -> None:
    done = ran(tmp_path, ["0003"], init=["echo initialised"])
    assert done.returncode == 0 and "the database is at 0003, which this release does not know" in done.stdout
    assert "migrated" not in done.stdout and "initialised" not in done.stdout


def test_nothing_is_taken_away_unless_somebody_says_so(tmp_path: Path) -> None:
    done = ran(tmp_path, ["0001"])
    assert done.returncode == 1 and "0002, drop_column users.fax" in done.stdout
    assert "app_migrate_destructive: true" in done.stdout and "migrated" not in done.stdout
    # where nothing was migrated yet there is nothing to lose
    assert ran(tmp_path, []).returncode == 0
    # and what is done already is not asked about again
    assert ran(tmp_path, ["0002"]).returncode == 0


def test_the_first_command_that_fails_ends_it_with_its_status(tmp_path: Path) -> None:
    done = ran(tmp_path, ["0002"], migrate=["exit 7", "echo further"])
    assert done.returncode == 7 and "exit 7 failed with status 7" in done.stdout and "further" not in done.stdout
    done = ran(tmp_path, ["0002"], init=["exit 3"])
    assert done.returncode == 3 and "migrated" not in done.stdout
