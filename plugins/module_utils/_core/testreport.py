# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a JUnit XML report and judge whether the tests that it tells of let code ship."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

MOST_FAILURES = 10
MOST_LINES = 12


@dataclass(frozen=True)
class Failure:
    """One test that failed ("FAILED") or could not run ("ERROR"), with the end of its traceback."""

    kind: str
    name: str
    details: str


@dataclass(frozen=True)
class Report:
    total: int
    passed: int
    failed: int
    errors: int
    skipped: int
    failures: tuple[Failure, ...] = ()

    @property
    def ran(self) -> int:
        return self.total - self.skipped

    def counts(self, seconds: float) -> dict[str, float]:
        """The figures for results and records."""
        numbers = asdict(self)
        del numbers["failures"]
        return {**numbers, "seconds": round(seconds, 2)}


EMPTY = Report(0, 0, 0, 0, 0)


def read(text: bytes | None, *, status: int, timed_out: bool, timeout: int, minimum: int) -> tuple[Report, list[str]]:
    """The report the tests left, and the most telling reason why they do not let the code ship; none when they do."""
    if timed_out:
        return EMPTY, [f"they did not end within {timeout} s (app_test.timeout) and were killed"]
    if text is None:
        silent = minimum > 0 or status != 0
        return EMPTY, [f"they ended with {ending(status)} and left no report"] if silent else []
    try:
        report = parse(text)
    except SlipwayError as error:
        return EMPTY, [str(error)]
    found = problem(report, minimum)
    if not found and status:
        found = f"every test passed, but the runner ended with {ending(status)}"
    return report, [found] if found else []


def parse(text: bytes) -> Report:
    """The counts and failures of a JUnit report; every `testcase` counts, however suites are nested."""
    cases = list(tree(text).iter("testcase"))
    kinds = [_kind(case) for case in cases]
    bad = [_failure(case, kind) for case, kind in zip(cases, kinds, strict=True) if kind in ("FAILED", "ERROR")]
    count = kinds.count
    return Report(len(cases), count("PASSED"), count("FAILED"), count("ERROR"), count("SKIPPED"), tuple(bad))


def tree(text: bytes) -> ET.Element:
    if b"<!DOCTYPE" in text:
        raise SlipwayError("their report has a document type, which JUnit reports do not have")
    try:
        return ET.fromstring(text)
    except ET.ParseError as error:
        raise SlipwayError(f"their report is not well-formed XML ({error})") from error


def problem(report: Report, minimum: int) -> str:
    """What the counts say against shipping, nothing when they do not."""
    if report.failed or report.errors:
        return summary(report)
    if report.total and not report.ran:
        return f"every test was skipped ({report.total})"
    if minimum and not report.total:
        return "no test was found (set app_test.path or app_test.runner)"
    return f"only {report.ran} tests ran, app_test.minimum is {minimum}" if report.ran < minimum else ""


def ending(status: int) -> str:
    """`signal 11` or `exit status 3`; a shell says 128 + signal where we would see it negative."""
    number = -status if status < 0 else status - 128
    return f"signal {number}" if 0 < number < 65 else f"exit status {status}"


def summary(report: Report) -> str:
    """`1 failed, 2 errors, 40 passed, 3 skipped`."""
    numbers = [
        (report.failed, "failed"),
        (report.errors, "error" if report.errors == 1 else "errors"),
        (report.passed, "passed"),
        (report.skipped, "skipped"),
    ]
    return ", ".join(f"{number} {name}" for number, name in numbers if number) or "no tests"


def describe(failures: Sequence[Failure]) -> str:
    """The failures for a person: every name up to a bound, each with the last lines of its traceback."""
    blocks = []
    for failure in failures[:MOST_FAILURES]:
        lines = [line for line in failure.details.splitlines() if line.strip()][-MOST_LINES:]
        blocks.append("\n".join([f"  {failure.kind} {failure.name}", *(f"      {line}" for line in lines)]))
    if len(failures) > MOST_FAILURES:
        blocks.append(f"  and {len(failures) - MOST_FAILURES} more")
    return "\n\n".join(blocks)


def _kind(case: ET.Element) -> str:
    for tag, kind in (("error", "ERROR"), ("failure", "FAILED"), ("skipped", "SKIPPED")):
        if case.find(tag) is not None:
            return kind
    return "PASSED"


def _failure(case: ET.Element, kind: str) -> Failure:
    found = case.find("error" if kind == "ERROR" else "failure")
    text = "" if found is None else found.text or found.get("message") or ""
    place, name = case.get("classname", ""), case.get("name", "?")
    return Failure(kind, f"{place}.{name}" if place else name, text)
