# SPDX-License-Identifier: GPL-3.0-or-later
"""app_test, settled."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.testplan import PYTEST, AppTest, plan


def settled(
    raw: dict[str, Any],
    texts: dict[str, str] | None = None,
    paths: set[str] | None = None,
    locked: set[str] | None = None,
) -> AppTest:
    return plan(raw, texts or {}, paths or set(), locked or set(), cores=6)


def test_nothing_said_is_unittest() -> None:
    assert settled({}) == AppTest(runner="unittest")
    assert settled({"command": None, "environment": None}) == AppTest(runner="unittest")


@pytest.mark.parametrize(
    "how",
    [
        {"paths": {"pytest.ini"}},
        {"paths": {"tests/conftest.py"}},
        {"locked": {"pytest"}},
        {"texts": {"pyproject.toml": "[tool.pytest.ini_options]\n"}},
        {"texts": {"setup.cfg": "[tool:pytest]\n"}},
    ],
)
def test_pytest_is_found_by_its_traces(how: dict[str, Any]) -> None:
    found = settled({}, **how)
    assert found.runner == "pytest"
    assert found.requirements == (() if "locked" in how else (PYTEST,))


def test_an_own_pytest_is_taken() -> None:
    assert settled({"requirements": ["pytest-cov", "PyTest<8"]}).requirements == ("pytest-cov", "PyTest<8")


def test_a_command_is_a_runner() -> None:
    assert settled({"command": ["make", "test"]}).runner == "command"


def test_a_given_runner_stays() -> None:
    assert settled({"runner": "unittest"}, paths={"pytest.ini"}).runner == "unittest"
    assert settled({"runner": "pytest"}).requirements == (PYTEST,)


def test_contradictions_are_said_at_once() -> None:
    with pytest.raises(SlipwayError) as caught:
        settled({"runner": "pytest", "command": ["x"], "path": "tests", "minimum": -1, "timeout": 0})
    for part in ("minimum is -1", "timeout is 0 s", "command is set and runner is 'pytest'", "path is set beside"):
        assert part in str(caught.value)
    with pytest.raises(SlipwayError, match="command is empty"):
        settled({"runner": "command"})


def test_processes_are_a_number_in_the_end() -> None:
    assert [settled({"processes": given}).processes for given in ("auto", "3", 1)] == [6, 3, 1]
    for wrong in ("many", 0, -1, "1.5"):
        with pytest.raises(SlipwayError, match=f"processes is {wrong}: write a number, 1 or more, or auto"):
            settled({"processes": wrong})


def test_other_runners_have_processes_of_their_own() -> None:
    with pytest.raises(SlipwayError, match=r"requirements: \[pytest-xdist\] and arguments: \[-n, auto\] instead"):
        settled({"processes": "auto"}, paths={"pytest.ini"})
    with pytest.raises(SlipwayError, match="processes is 4 beside command"):
        settled({"processes": 4, "command": ["make", "test"]})
    assert settled({"processes": 1, "runner": "pytest"}).processes == 1


def test_every_part_of_a_plan_is_in_its_digest() -> None:
    base: dict[str, Any] = {}
    others: list[dict[str, Any]] = [
        {"enabled": False},
        {"runner": "pytest"},
        {"command": ["x"]},
        {"path": "t"},
        {"processes": 2},
        {"arguments": ["-v"]},
        {"requirements": ["x"]},
        {"minimum": 2},
        {"timeout": 5},
        {"environment": {"A": 1}},
    ]
    digests = {settled(raw).digest for raw in [base, *others]}
    assert len(digests) == len(others) + 1
    assert settled({"environment": {"A": 1}}).environment == {"A": "1"}
