# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups a word means, and what is said when there is none."""

from __future__ import annotations

import pytest

from here import Failed
from snapshots import chosen

EVERY = [
    {"id": "aaaa1111", "at": "2026-11-24T03:00:00+00:00", "host": "web1", "part": "files"},
    {"id": "bbbb2222", "at": "2026-11-24T03:00:00+00:00", "host": "web1", "part": "database"},
    {"id": "cccc3333", "at": "2026-11-25T03:00:00+00:00", "host": "web1", "part": "files"},
    {"id": "dddd4444", "at": "2026-11-25T04:00:00+00:00", "host": "db1", "part": "database"},
]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("latest", ["cccc3333", "bbbb2222"]),
        # parts of one run have its time, so the id of one finds the other
        ("aaaa1111", ["aaaa1111", "bbbb2222"]),
        ("bbbb2", ["aaaa1111", "bbbb2222"]),
        # of another host: what was there until then
        ("dddd4444", ["cccc3333", "bbbb2222"]),
        ("cccc3333ffffffff", ["cccc3333", "bbbb2222"]),
        ("2026-11-24", ["aaaa1111", "bbbb2222"]),
        ("2026-11-25 03:00", ["cccc3333", "bbbb2222"]),
        ("2026-11-25T02:59:59Z", ["aaaa1111", "bbbb2222"]),
    ],
)
def test_each_part_is_the_newest_until_then(wanted: str, ids: list[str]) -> None:
    found = chosen(EVERY, ["files", "database"], "web1", wanted)
    assert [one["id"] for one in found.values()] == ids and list(found) == ["files", "database"]


@pytest.mark.parametrize(
    ("wanted", "host", "said"),
    [
        ("0123abcd", "web1", "There is no backup 0123abcd. Write latest"),
        ("aaa", "web1", "There is no backup aaa."),
        ("2026-11-23", "web1", "no backup of the files and the database of web1 (2026-11-23)."),
        ("latest", "db1", "no backup of the files of db1 (latest)."),
        ("latest", "web9", "To take those of another host: -e backup_of=db1"),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(wanted: str, host: str, said: str) -> None:
    with pytest.raises(Failed) as failed:
        chosen(EVERY, ["files", "database"], host, wanted)
    assert said in str(failed.value) and "cccc3333  2026-11-25T03:00:00Z  web1  files" in str(failed.value)


def test_where_nothing_was_ever_backed_up() -> None:
    with pytest.raises(Failed, match="There are none at all"):
        chosen([], ["files"], "web1", "latest")
