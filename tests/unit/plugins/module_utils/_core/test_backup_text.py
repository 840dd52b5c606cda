# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person is told of backups."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import backup_text
from ansible_collections.slipway.flask.plugins.module_utils._core.status import render
from ansible_collections.slipway.flask.plugins.module_utils._core.wellness import judge

from .reports import report

ROW: dict[str, Any] = {
    "kind": "backup",
    "at": "2026-11-26T03:00:00+00:00",
    "seconds": 3.2,
    "snapshots": {"files": "6ba74c78", "database": "7a857d19"},
    "added": 23_000,
    "total": 5_045_424,
    "ok": True,
    "said": "",
}
BAD = ROW | {"ok": False, "said": "The repository /vault\ncannot be reached."}
BACK = {
    "kind": "restore",
    "seconds": 2.9,
    "files": 2,
    "bytes": 5_020_480,
    "rows": 52,
    "tables": 7,
    "of": ["6ba74c78  2026-11-26T03:00:00Z  web1  files"],
}


def found(**changes: Any) -> dict[str, Any]:
    return {"last": ROW, "good": ROW, "drill": None, "late_days": 2, "days": 0.3} | changes


def test_a_backup_says_what_it_took_and_what_was_new() -> None:
    (said,) = backup_text.sentences(ROW)
    assert said == "Backed up files as 6ba74c78 and database as 7a857d19: 5.05 MB, 23 KB of them new, in 3.2 s."


def test_a_restore_says_what_came_and_what_to_do_next() -> None:
    (said,) = backup_text.sentences(BACK)
    assert said.startswith("Restored 2 files with 5.02 MB and 52 rows in 7 tables, in 2.9 s (6ba74c78")
    more = {"commit": ["a" * 40, "b" * 40], "schema": ["0001", ""], "differs": ["SECRET_KEY", "TOKEN"]}
    _said, commit, schema, differs = backup_text.sentences(BACK | more)
    assert "is of commit aaaaaaaaaaaa, and bbbbbbbbbbbb is live" in commit and "slipway.flask.deploy" in commit
    assert schema == "The schema of the database was 0001 and is none now."
    assert "other values then of SECRET_KEY, TOKEN" in differs


def test_a_drill_says_that_it_can_be_brought_back() -> None:
    (said,) = backup_text.sentences(BACK | {"kind": "drill"})
    assert said.startswith("The newest backup can be brought back: 2 files")


def test_status_shows_the_last_backup_and_the_last_drill() -> None:
    assert "  backup  2026-11-26 03:00Z, 5.05 MB, not tried yet" in render(report(backup=found()))
    tried = ROW | {"kind": "drill", "at": "2026-11-23T04:00:00+00:00"}
    assert "5.05 MB, tried 2026-11-23 04:00Z" in render(report(backup=found(drill=tried)))
    assert "  backup  FAILED 2026-11-26 03:00Z" in render(report(backup=found(last=BAD)))
    assert "DRILL FAILED 2026-11-23" in render(report(backup=found(drill=tried | {"ok": False})))
    assert "  backup  none yet" in render(report(backup=found(last=None, good=None)))
    assert "backup" not in render(report())


def test_what_is_wrong_with_backups() -> None:
    assert judge(report(backup=found())) == []
    assert judge(report(backup=found(last=BAD))) == ["The last backup failed: The repository /vault cannot be reached."]
    (late,) = judge(report(backup=found(days=2.6)))
    assert "no good backup for 3 days" in late
    # set up a moment ago
    assert judge(report(backup=found(last=None, good=None, days=0.1))) == []
    (drill,) = judge(report(backup=found(drill=BAD)))
    assert drill.startswith("The newest backup could not be brought back on trial: The repository")


def test_sizes_are_short() -> None:
    assert [backup_text.size(count) for count in (0, 999, 1000, 5_045_424, 7 * 10**12)] == [
        *("0 B", "999 B", "1 KB", "5.05 MB", "7 TB"),
    ]
