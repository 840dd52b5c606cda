# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is told about the gate."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.gate_text import render

TESTS = {"total": 5, "passed": 4, "failed": 0, "errors": 0, "skipped": 1, "seconds": 2.34}
FRESH = {"tests": TESTS, "runner": "unittest", "isolation": "user", "cached": False, "untested": False}


def gate(**builds: Any) -> dict[str, Any]:
    return {"commit": "1a2b3c4d5e6f7890", "subject": "Add comments", "builds": builds}


@pytest.mark.parametrize(
    ("build", "line"),
    [
        (FRESH, "  Python 3.11: 4 tests passed, 1 skipped in 2.3 s (runner unittest, isolation user)"),
        (
            FRESH | {"cached": True},
            "  Python 3.11: 4 tests passed, 1 skipped earlier (runner unittest, isolation user)",
        ),
        (
            FRESH | {"processes": 2},
            "  Python 3.11: 4 tests passed, 1 skipped in 2.3 s (runner unittest in 2 processes, isolation user)",
        ),
        ({"untested": True}, "  Python 3.11: not tested, because app_test.enabled is false"),
        ({"tests": None}, "  Python 3.11: to be tested"),
    ],
)
def test_a_line_says_how_it_was_tested(build: dict[str, Any], line: str) -> None:
    assert render(gate(**{"3.11": build})).splitlines() == ["1a2b3c4d5e6f Add comments", line]
