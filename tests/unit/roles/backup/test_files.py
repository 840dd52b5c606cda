# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on their way into the repository and back."""

from __future__ import annotations

import json
from pathlib import Path

from bringing import exchange, renumbered, told_apart
from folders import WORK
from here import Here
from taking import literal, unread


def test_a_file_that_was_removed_meanwhile_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    rows = [{"message_type": "error", "error": "x", "item": str(tmp_path / name)} for name in ("there", "gone")]
    (said,) = unread("\n".join(map(json.dumps, rows)))
    assert said.startswith(f"{tmp_path}/there could not be read")


def test_patterns_mean_one_path() -> None:
    assert literal("/srv/a [b]*?$c\\d") == "/srv/a \\[b\\]\\*\\?$$c\\\\d"


def test_accounts_are_known_by_name() -> None:
    here = {"root": 0, "app-blog": 7}
    assert renumbered({"0": "root", "5": "app-blog", "6": "gone"}, here.__getitem__) == {5: 7}


def test_an_exchange_leaves_nothing_of_before_and_the_folder_itself(here: Here) -> None:
    work = here.shared / WORK
    (work / "new").mkdir(parents=True)
    (work / "new/a").write_text("restored")
    (here.shared / "a").write_text("old")
    (here.shared / "b").write_text("old")
    number = here.shared.stat().st_ino
    exchange(work / "new", here.shared, work / "before")
    assert {path.name for path in here.shared.iterdir()} == {"a", WORK}
    assert (here.shared / "a").read_text() == "restored" and here.shared.stat().st_ino == number


def test_variables_that_differ_are_named_and_not_shown(here: Here) -> None:
    old, live = (folder / "environment.json" for folder in (here.root / "old/activations/x", here.root / "current"))
    for path, value in ((old, {"A": "1", "B": "2", "C": "3"}), (live, {"A": "1", "B": "hunter2", "D": "4"})):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(value))
    assert told_apart(here, here.root / "old") == ["B", "C", "D"]
