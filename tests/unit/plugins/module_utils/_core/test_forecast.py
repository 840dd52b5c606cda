# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says it would bring."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.forecast import SHOWN, commits, migrations, packages
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import Revision


def test_packages_come_go_and_change_by_name() -> None:
    before = {"flask": "3.0", "gone": "1", "same": "2"}
    after = {"flask": "3.1", "new": "5", "same": "2"}
    assert packages(before, after) == ["change flask 3.0 to 3.1", "remove gone 1", "add new 5"]
    assert packages(after, after) == []


def test_commits_are_told_newest_first_and_not_without_end() -> None:
    assert commits(["b2 Second", "a1 First"], "00") == ["ship commit b2 Second", "ship commit a1 First"]
    assert commits([f"{number} x" for number in range(SHOWN + 3)], "00")[-1] == "ship 3 more commits"
    assert commits([], "00") == []


def test_a_live_commit_from_elsewhere_is_said_to_be_unknown() -> None:
    assert commits(None, "1a2b3c4d5e6f7890") == [
        "ship a commit that does not follow on the live one (1a2b3c4d5e6f), which this repository does not have"
    ]


HISTORY = {
    "1": Revision("1", (), "First"),
    "2": Revision("2", ("1",), "No fax", ("drop_column users.fax",)),
}


def test_migrations_are_told_and_why_they_would_not_run() -> None:
    assert migrations(HISTORY, ["2"], destructive=False) == ["migrate nothing"]
    assert migrations(HISTORY, ["1"], destructive=True) == ["migrate to 2 (No fax), drop_column users.fax"]
    told, stopped = migrations(HISTORY, ["1"], destructive=False)
    assert told == "migrate to 2 (No fax), drop_column users.fax"
    assert stopped.startswith("stop before it migrates: Migrations of this commit take something away for good: 2")
    assert migrations(HISTORY, [], destructive=False) == [
        "migrate to 1 (First)",
        "migrate to 2 (No fax), drop_column users.fax",
    ]
    (stopped,) = migrations(HISTORY, ["9"], destructive=True)
    assert stopped.startswith("stop before it migrates: The database is at 9, which this commit does not know")


def test_a_database_that_cannot_be_asked_is_said_to_be_unknown() -> None:
    (line,) = migrations(HISTORY, None, destructive=False)
    assert "which revisions are pending is not known" in line
