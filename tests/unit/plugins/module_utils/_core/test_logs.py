# SPDX-License-Identifier: GPL-3.0-or-later
"""The times in logs, and many logs as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.logs import (
    MONTHS,
    Line,
    merged,
    shown,
    stamped,
    time_of,
    wanted,
)

AT = datetime(2026, 11, 3, 4, 14, 59, tzinfo=UTC).timestamp()
FORMS = {
    "Python": "{:%Y-%m-%d %H:%M:%S},123 something",
    "Flask": "[{:%Y-%m-%d %H:%M:%S},123] ERROR in app: Exception on / [GET]",
    "level first": "INFO:{:%Y-%m-%d %H:%M:%S} something",
    "supervisord": "{:%Y-%m-%d %H:%M:%S},123 INFO spawned: '1' with pid 7",
    "nginx's error log": "{:%Y/%m/%d %H:%M:%S} [error] 7#7: *1 connect() failed",
    "ISO": "{:%Y-%m-%dT%H:%M:%S} something",
    "uWSGI": "{:%a %b %e %H:%M:%S %Y} - *** Starting uWSGI ***",
    "a request of uWSGI": "[pid: 7|app: 0|req: 1/1] 127.0.0.1 () {{9 vars}} [{:%a %b %e %H:%M:%S %Y}] GET /",
    "a bare one": "{:%Y-%m-%d %H:%M:%S}",
}
moments = st.datetimes(datetime(1971, 1, 2), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
texts = st.text("abc \t[]:-0123456789", max_size=30)


def utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(moments, zones)
def test_a_time_without_a_zone_is_the_hosts(form: str, at: datetime, zone: timezone) -> None:
    found = time_of(form.format(at), lambda naive: naive.replace(tzinfo=zone))
    assert found is not None and int(found) == at.replace(tzinfo=zone).timestamp()


@given(moments, zones)
def test_a_zone_in_the_line_counts(at: datetime, zone: timezone) -> None:
    there = at.replace(tzinfo=zone)
    access = f'10.0.0.1 - anna [{there:%d/%b/%Y:%H:%M:%S %z}] "GET / HTTP/1.1" 200 5'
    assert time_of(access, utc) == there.timestamp()
    assert time_of(f"{there.isoformat()} something", utc) == there.timestamp()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Traceback (most recent call last):",
        '  File "app.py", line 7, in index',
        "published 2020-01-01 10:00:00",
        "2026-13-41 25:61:61 no such day",
        "2026-11-03",
    ],
)
def test_a_line_without_a_time_has_none(line: str) -> None:
    assert time_of(line, utc) is None


@given(st.text())
def test_no_line_is_too_odd(line: str) -> None:
    time_of(line, utc)


def test_months_are_in_order() -> None:
    assert [f"{datetime(2026, month, 1):%b}" for month in range(1, 13)] == MONTHS


def line(at: float, text: str = "x") -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} {text}"


def test_a_line_without_a_time_belongs_to_the_one_before_it() -> None:
    found = stamped("web-1", ["  rest", line(AT), "Traceback", line(AT + 2), "  end"], utc, AT + 9)
    assert [row.at - AT for row in found] == [0, 0, 0, 2, 2]


def test_a_clock_that_goes_back_and_a_date_to_come_move_no_line() -> None:
    found = stamped("web-1", [line(AT), line(AT - 50), line(AT + 1000), line(AT + 1)], utc, AT + 9)
    assert [row.at - AT for row in found] == [0, 0, 0, 1]


def test_without_any_time_it_is_that_of_the_file() -> None:
    assert [row.at for row in stamped("web-1", ["a", "b"], utc, AT)] == [AT, AT]


@given(st.lists(st.lists(st.one_of(texts, st.integers(0, 99).map(lambda s: line(AT + s))), max_size=9), max_size=4))
def test_merging_loses_nothing_and_keeps_each_log_in_its_order(logs: list[list[str]]) -> None:
    sources = [stamped(str(number), log, utc, AT + 50) for number, log in enumerate(logs)]
    found, cut = merged(sources, 1000)
    assert not cut
    assert [row.at for row in found] == sorted(row.at for row in found)
    for number, log in enumerate(logs):
        assert [row.text for row in found if row.source == str(number)] == log


@given(st.lists(st.lists(st.integers(0, 9)), max_size=3), st.integers(0, 12))
def test_the_last_lines_are_kept(times: list[list[int]], most: int) -> None:
    sources = [[Line(at, str(number), "") for at in sorted(row)] for number, row in enumerate(times)]
    every, _ = merged(sources, 1000)
    found, cut = merged(sources, most)
    assert found == every[len(every) - len(found) :]
    assert len(found) == min(most, len(every))
    assert cut == (len(every) > most)


def test_what_is_wanted() -> None:
    lines = [Line(1, "a", "GET /"), Line(2, "a", "ERROR 7"), Line(3, "a", "GET /x")]
    assert [row.at for row in wanted(lines, since=2)] == [2, 3]
    assert [row.at for row in wanted(lines, grep=r"ERR.* \d")] == [2]


def test_how_it_is_shown() -> None:
    lines = [Line(1, "access", "GET /", "web1"), Line(2, "web-1", "  ERROR", "web10")]
    assert shown(lines, ["web1", "web10"], ["access", "web-1"]) == "web1   access  GET /\nweb10  web-1     ERROR"
