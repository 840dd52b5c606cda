# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.status import duration, render, table
from tests.unit.plugins.module_utils._core.reports import CERTIFICATE, DATABASE, LOCK, NOTHING, report

ROW = {
    "run": "1",
    "act": "deploy",
    "outcome": "succeeded",
    "by": "anna@laptop",
    "at": "2026-01-02T03:04:05+00:00",
    "seconds": 83,
    "commit": "c1" * 20,
    "release": "c1-d1",
    "subject": "First",
    "tests": 88,
    "reason": "",
}


def test_a_host_on_which_all_is_well():
    assert render(report()).splitlines() == [
        "blog c1c1c1c1c1c1-d1  c1c1c1c1c1c1  First",
        "  live since 2026-01-02T03:04:05+00:00 by anna@laptop, 88 tests passed",
        "  slot   state    pid   up         memory  release          health",
        "  web:1  running  4711  1 h 1 min  40 MB   c1c1c1c1c1c1-d1  well, 5 ms",
        "  web:2  running  4711  1 h 1 min  40 MB   c1c1c1c1c1c1-d1  well, 5 ms",
        "  site  well",
    ]


def test_of_a_host_that_only_has_the_database_there_are_its_backups():
    made = {"ok": True, "at": "2026-11-26T03:00:00", "total": 512}
    assert render({"backup": {"last": made, "drill": None}}) == "  backup  2026-11-26 03:00Z, 512 B, not tried yet"
    assert render({"backup": None}) == render({}) == ""


def test_the_last_runs_each_with_its_outcome_and_why():
    failed = {**ROW, "act": "rollback", "outcome": "failed", "tests": None, "reason": "web:1 answers / with 503"}
    *_, head, first, second, why = render(report(history=[ROW, failed])).splitlines()
    assert head.split() == ["history", "commit", "by", "took", "tests", "subject"]
    assert first.split("  ")[1:3] == ["2026-01-02 03:04:05Z", "deploy"]
    assert ("succeeded" in first, "1 min 23 s" in first, "88" in first, "First" in first) == (True,) * 4
    assert ("rollback  failed" in second, "untested" in second, why) == (True, True, "      web:1 answers / with 503")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (NOTHING, "blog: nothing has been shipped to this host yet."),
        ({"live": {"verdict": "pending"}}, "88 tests passed, verdict pending"),
        ({"live": {"tests": None}}, "by anna@laptop, untested"),
        ({"slot": {"state": "EXITED", "pid": 0, "release": ""}}, "exited   -     1 h 1 min  40 MB   -"),
        ({"slot": {"release": "c0-d0"}}, "c0-d0 (not the live one)"),
        ({"slot": {"well": False, "said": "500 oh no"}}, "500 oh no"),
        ({"site": {"well": False, "said": "502 Bad Gateway"}}, "site  NOT WELL: 502 Bad Gateway"),
        ({"certificate": CERTIFICATE}, "site  well, over TLS until 2026-04-02 (90 days)"),
        ({"database": DATABASE | {"beat": "worker1"}}, "  beat  on worker1"),
        ({"database": DATABASE | {"dumped_before": "c1-d1"}}, "database  on 10.0.0.7, 12 MB, dumped before c1-d1"),
        (
            {"database": DATABASE | {"size_mb": None, "said": "Connection refused"}},
            "database  on 10.0.0.7, DOES NOT ANSWER: Connection refused",
        ),
        ({"closed": True}, "in maintenance: visitors get a page with status 503"),
        ({"lock": LOCK}, "locked by anna@laptop (process 4711, deploy)"),
    ],
)
def test_what_is_otherwise_is_said(changes, said):
    assert said in render(report(**changes))


@given(st.lists(st.lists(st.text("ab ", max_size=9), min_size=3, max_size=3), max_size=5))
def test_every_column_begins_where_its_heading_does(rows):
    head, *lines = table(("one", "two", "end"), [[f"<{cell}" for cell in row] for row in rows])
    for line in lines:
        assert all(line[head.index(name)] == "<" for name in ("one", "two", "end"))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (12, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (356400, "4 d 3 h")]
)
def test_a_duration_has_two_units(seconds, said):
    assert duration(seconds) == said
