# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_events import (
    Event,
    complaints,
    ended,
    event,
    failed,
    mark,
    mixed,
    previous,
)

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BEGUN = Event(AT, "INFO", "Environment update is starting.")
UPDATED = Event(AT, "INFO", "Environment update completed successfully.")
LAUNCHED = Event(AT, "INFO", "Successfully launched environment: blog-prod")
BROKEN = Event(AT, "ERROR", "Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation.")
OVER = Event(AT, "INFO", "Update environment operation is complete, but with errors. For more information, see x.")
STALE = Event(AT, "WARN", "The certificate ends soon.")
MIXED = Event(
    AT, "ERROR", "To ensure all instances are running the same version, re-deploy the appropriate application version."
)


@pytest.mark.parametrize(
    ("said", "is_over", "is_bad"),
    [
        ([], False, False),
        ([BEGUN], False, False),
        ([BEGUN, UPDATED], True, False),
        ([LAUNCHED], True, False),
        ([BEGUN, STALE, UPDATED], True, False),
        ([BEGUN, BROKEN], False, True),
        ([BEGUN, BROKEN, OVER], True, True),
        ([BEGUN, BROKEN, UPDATED], True, False),
        ([BEGUN, OVER, UPDATED], True, True),
    ],
)
def test_how_a_request_ended(said: list[Event], is_over: bool, is_bad: bool) -> None:
    assert (ended(said), failed(said)) == (is_over, is_bad)


def test_a_failure_is_told_in_the_platforms_words_each_once() -> None:
    assert complaints([BEGUN, STALE, BROKEN, BROKEN, OVER]) == [
        "WARN The certificate ends soon.",
        "ERROR Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation.",
        "INFO Update environment operation is complete, but with errors. For more information, see x.",
    ]
    assert mixed([BROKEN, MIXED]) and not mixed([BROKEN, OVER])


def test_an_event_is_a_line() -> None:
    assert str(event({"EventDate": AT, "Severity": "INFO", "Message": "well"})) == "03:04:05 INFO well"


def test_the_version_before_is_the_one_that_was_replaced_last_when_it_was_well() -> None:
    here, there = mark("blog-prod"), mark("blog-test")
    marks = {
        "v1": {here: "2026-01-01T00:00:00Z"},
        "v2": {here: "2026-01-02T00:00:00Z"},
        "v3": {there: "2026-01-03T00:00:00Z"},
        "v4": {},
    }
    assert previous("blog-prod", "v4", marks) == "v2"
    assert previous("blog-prod", "v2", marks) == "v1"
    assert previous("blog-test", "v3", marks) == ""
    assert previous("other", "v4", marks) == ""
