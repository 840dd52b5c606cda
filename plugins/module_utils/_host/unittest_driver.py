# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run unittest as `python -m unittest discover` does, and write a JUnit XML report.

The gate runs this file with the application's own Python, in the project's root, so it knows nothing of
the collection. Arguments: the report's path, then whatever `unittest discover` takes.
"""

from __future__ import annotations

import os
import sys
import time
import unittest
import xml.etree.ElementTree as ET
from typing import Any


class RecordingResult(unittest.TextTestResult):
    """Notes what became of every test; a failing subtest is a case of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suite = ET.Element("testsuite", name="unittest")
        self.started = time.monotonic()

    def startTest(self, test: unittest.TestCase) -> None:
        self.started = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.note(test)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self.note(test, "error", self.errors[-1][1])

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self.note(test, "failure", self.failures[-1][1])

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self.note(test, "skipped", "expected failure")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self.note(test, "failure", "This test is marked as an expected failure, and it passed.")

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self.note(subtest, "failure" if failed else "error", (self.failures if failed else self.errors)[-1][1])

    def note(self, test: unittest.TestCase, outcome: str = "", text: str = "") -> None:
        seconds = f"{time.monotonic() - self.started:.3f}"
        name = test.id().replace("unittest.loader._FailedTest.", "import of ")
        case = ET.SubElement(self.suite, "testcase", name=printable(name), time=seconds)
        if outcome:
            ET.SubElement(case, outcome, message=printable(text.strip())[-200:]).text = printable(text)


def printable(text: str) -> str:
    """XML knows no control characters, and a test may print any."""
    return "".join(char if char in "\n\t" or char.isprintable() else "?" for char in text)


def main() -> int:
    report, *arguments = sys.argv[1:]
    sys.path[0] = os.getcwd()
    runner = unittest.TextTestRunner(verbosity=2, resultclass=RecordingResult)
    program = unittest.main(None, argv=["python -m unittest", "discover", *arguments], testRunner=runner, exit=False)
    recorded: Any = program.result
    ET.ElementTree(recorded.suite).write(report, encoding="utf-8", xml_declaration=True)
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
