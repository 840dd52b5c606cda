# SPDX-License-Identifier: GPL-3.0-or-later
"""Values are shown short, in the words of YAML, and not when they may be secret."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.wording import GIST, gist, listing, seen


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "x is empty"),
        (True, "x is true (a true/false)"),
        (1.5, "x is 1.5 (a number)"),
        ("é", 'x is "é"'),
        (["a"], 'x is ["a"] (a list)'),
        ({"a": 1}, 'x is {"a": 1} (a dictionary)'),
        (datetime.date(2026, 1, 2), 'x is "2026-01-02" (a date)'),
        ("a" * 100, 'x is "' + "a" * 55 + " ..."),
        ("https://anna:hunter2@example.org", 'x is "https://***@example.org"'),
    ],
)
def test_how_a_value_is_shown(value: object, shown: str) -> None:
    assert seen("x", value) == shown


def test_what_may_be_secret_is_not_shown() -> None:
    assert seen("app_secrets.KEY", 123456) == "app_secrets.KEY is a number"
    assert seen("app_files", ["hunter2"]) == "app_files is a list"


def test_one_message_for_everything() -> None:
    assert listing(["a"]) == "One thing has to be put right first. Nothing was changed.\n  * a"
    assert listing(["a\nb", "c"], "Well.") == "2 things have to be put right first. Well.\n  * a\n    b\n  * c"


@pytest.mark.parametrize(
    ("message", "point"),
    [
        ("", ""),
        ("\n  web:1 answers  /\twith 503\nThe end of its log:\nTraceback", "web:1 answers / with 503"),
        (listing(["a is wrong.", "b is,\ntoo."]), "a is wrong.; b is,"),
        ("x" * 1000, "x" * (GIST - 4) + " ..."),
    ],
)
def test_the_point_of_a_message_is_one_line(message: str, point: str) -> None:
    assert gist(message) == point
