# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of tests: counted, judged, told."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.testreport import (
    Failure,
    Report,
    describe,
    ending,
    parse,
    read,
    summary,
)

KINDS = ("passed", "failure", "error", "skipped")


def junit(*kinds: str) -> bytes:
    root = ET.Element("testsuites")
    for number, kind in enumerate(kinds):
        case = ET.SubElement(ET.SubElement(root, "testsuite"), "testcase", classname="tests.T", name=f"test_{number}")
        if kind != "passed":
            ET.SubElement(case, kind, message="short").text = f"Traceback {number}\nAssertionError"
    return ET.tostring(root)


def why(text: bytes | None, *, status: int = 0, timed_out: bool = False, minimum: int = 1) -> str:
    return "".join(read(text, status=status, timed_out=timed_out, timeout=9, minimum=minimum)[1])


@given(st.lists(st.sampled_from(KINDS)), st.integers(0, 3), st.integers(-9, 9))
def test_code_ships_only_when_enough_tests_ran_and_all_of_them_passed(
    kinds: list[str], minimum: int, status: int
) -> None:
    report, found = read(junit(*kinds), status=status, timed_out=False, timeout=9, minimum=minimum)
    ran = [kind for kind in kinds if kind != "skipped"]
    good = set(ran) <= {"passed"} and len(ran) >= minimum and (ran or not kinds) and status == 0
    assert (not found) == bool(good)
    assert report.total == len(kinds) == report.passed + report.failed + report.errors + report.skipped


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (why(junit("passed"), timed_out=True), "9 s (app_test.timeout)"),
        (why(None), "exit status 0 and left no report"),
        (why(None, status=-11, minimum=0), "signal 11 and left no report"),
        (why(None, status=139), "signal 11"),
        (why(b"<testsuite>"), "not well-formed"),
        (why(b"<!DOCTYPE x><testsuite/>"), "document type"),
        (why(junit()), "no test was found"),
        (why(junit("skipped", "skipped"), minimum=0), "every test was skipped (2)"),
        (why(junit("passed", "skipped"), minimum=2), "only 1 tests ran, app_test.minimum is 2"),
        (why(junit("passed"), status=3), "every test passed, but the runner ended with exit status 3"),
        (why(junit("failure", "error", "passed")), "1 failed, 1 error, 1 passed"),
    ],
)
def test_the_reason_is_said(said: str, part: str) -> None:
    assert part in said


def test_a_command_may_have_no_report_when_that_is_said() -> None:
    assert why(None, minimum=0) == ""


def test_failures_are_told_by_name_with_the_end_of_their_traceback() -> None:
    told = describe(parse(junit("failure", "passed", "error")).failures)
    assert "FAILED tests.T.test_0" in told
    assert "ERROR tests.T.test_2" in told
    assert "      AssertionError" in told
    assert "test_1" not in told


def test_what_is_told_is_bounded() -> None:
    many = [Failure("FAILED", f"test_{number}", "line\n\n" * 50) for number in range(12)]
    told = describe(many)
    assert "and 2 more" in told
    assert len(told.splitlines()) < 160


def test_a_failure_without_text_has_its_message() -> None:
    assert parse(b'<x><testcase name="t"><failure message="why"/></testcase></x>').failures == (
        Failure("FAILED", "t", "why"),
    )


def test_counts_and_summary() -> None:
    report = Report(7, 4, 1, 1, 1)
    assert summary(report) == "1 failed, 1 error, 4 passed, 1 skipped"
    assert summary(Report(0, 0, 0, 0, 0)) == "no tests"
    assert report.counts(1.239) == {"total": 7, "passed": 4, "failed": 1, "errors": 1, "skipped": 1, "seconds": 1.24}


def test_endings() -> None:
    assert [ending(status) for status in (0, 3, -9, 137, 128, 255)] == [
        "exit status 0",
        "exit status 3",
        "signal 9",
        "signal 9",
        "exit status 128",
        "exit status 255",
    ]
