# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.history import encode, parse, recorded, row, work
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Lock

NOW = 1_700_000_000.0
FACTS = {"release": "c1-d1", "commit": "c1", "subject": "First", "tests": {"passed": 88}}
LOCK = Lock("run 1", "anna@laptop", "laptop", 4711, "deploy", NOW - 23.4, NOW, work(FACTS))
TEXTS = st.text(max_size=30)
ROWS = st.lists(st.fixed_dictionaries({"run": TEXTS, "at": TEXTS, "reason": TEXTS}), max_size=8)


def test_a_line_tells_who_did_what_when_and_how_it_ended():
    assert row(LOCK, "failed", "web:1 answers / with 503\nThe end of its log", NOW) == {
        "run": "run 1",
        "act": "deploy",
        "outcome": "failed",
        "by": "anna@laptop",
        "at": "2023-11-14T22:12:56+00:00",
        "seconds": 23,
        "release": "c1-d1",
        "commit": "c1",
        "subject": "First",
        "tests": 88,
        "reason": "web:1 answers / with 503",
    }


def test_a_clock_that_was_set_back_makes_no_negative_time():
    assert row(LOCK, "succeeded", "", NOW - 3600)["seconds"] == 0


@pytest.mark.parametrize("facts", [{}, {"commit": None, "tests": None}, {"tests": {}}])
def test_what_a_release_does_not_say_is_empty(facts):
    assert work(facts) == {"release": "", "commit": "", "subject": "", "tests": None}


@given(ROWS)
def test_lines_come_back_from_the_file_as_they_were(rows):
    data = b"".join(map(encode, rows))
    assert parse(data) == rows
    assert data.count(b"\n") == len(rows)


@given(ROWS, st.data())
def test_a_torn_line_costs_only_itself(rows, data):
    """A power cut at any byte of a line; the next one begins on a line of its own."""
    torn = data.draw(st.fixed_dictionaries({"run": TEXTS, "at": TEXTS}))
    whole = encode(torn)
    cut = data.draw(st.integers(0, len(whole) - 2))
    assert parse(b"".join(map(encode, rows)) + whole[:cut] + b"\n" + encode(torn)) == [*rows, torn]


@pytest.mark.parametrize("line", [b"[]", b"4", b"{}", b'{"run": "1"}', b"\xff", b"null"])
def test_what_is_no_line_is_left_out(line):
    assert parse(line + b"\n") == []


@given(ROWS)
def test_a_run_is_recorded_once_its_line_is_there(rows):
    line = row(LOCK, "killed", "", NOW)
    assert not recorded(rows, line)
    assert recorded([*rows, json.loads(encode(row(LOCK, "succeeded", "", NOW + 1)))], line)
    assert not recorded([{**line, "at": "earlier, by the same process"}], line)
