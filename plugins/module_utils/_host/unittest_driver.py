# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run unittest as `python -m unittest discover` does, and write a JUnit XML report.

The gate runs this file with the application's own Python, in the project's root, so it knows nothing of
the collection. Arguments: the report's path, which process this is (from 0) of how many, then whatever
`unittest discover` takes.

Each of several processes finds all tests and runs its share of them; it reports what it found and what it ran, so that
together they can be held to have run everything once.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import time
import unittest
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any


class RecordingResult(unittest.TextTestResult):
    """Notes what became of every test; a failing subtest is a case of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suite = ET.Element("testsuite", name="unittest")
        self.started = time.monotonic()
        self.ended: set[str] = set()

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
        whole = getattr(test, "test_case", None)  # of a subtest; a test may have a method of that name
        self.ended.add((whole if isinstance(whole, unittest.TestCase) else test).id())
        seconds = f"{time.monotonic() - self.started:.3f}"
        name = test.id().replace("unittest.loader._FailedTest.", "import of ")
        case = ET.SubElement(self.suite, "testcase", name=printable(name), time=seconds)
        if outcome:
            ET.SubElement(case, outcome, message=printable(text.strip())[-200:]).text = printable(text)


class Loader(unittest.TestLoader):
    """Loads all modules, and makes their tests then.

    What is loaded stays until the end: Python need not look through it for garbage again and again. A test would stay
    too, with all that it refers to, so tests are made later. Those that a module makes itself (`load_tests`) are not,
    and then nothing is put by.
    """

    plain = True

    def loadTestsFromModule(self, module: Any, *arguments: Any, **options: Any) -> Any:
        make = functools.partial(super().loadTestsFromModule, module, *arguments, **options)
        if hasattr(module, "load_tests"):
            self.plain = False
            return make()
        return make

    def discover(self, *arguments: Any, **options: Any) -> Any:
        found: list[Any] = list(super().discover(*arguments, **options))
        if self.plain:
            gc.freeze()
        return self.suiteClass([each() if isinstance(each, functools.partial) else each for each in found])


class SharingRunner(unittest.TextTestRunner):
    """Runs the share of one process, of several."""

    def __init__(self, process: int, processes: int) -> None:
        super().__init__(verbosity=2, resultclass=RecordingResult)
        self.process, self.processes = process, processes

    def run(self, test: Any) -> Any:
        everything = list(parts(test))
        taken = split(Counter(map(unit, everything)), self.processes)
        mine = unittest.TestSuite(part for part in everything if taken[unit(part)] == self.process)
        found, share = named(everything), named(mine)
        # a suite lets go of each test that ended, and of all it holds; so must we
        test._tests.clear()
        del everything
        result: Any = super().run(mine)
        for name, *_fixtures in found:
            ET.SubElement(result.suite, "found", name=printable(name))
        for names in share:
            if result.ended.intersection(names):
                ET.SubElement(result.suite, "ran", name=printable(names[0]))
        return result


def parts(suite: Any) -> Iterator[Any]:
    """Single tests, and whole suites of a kind of their own, which may do more than to run one test after the other."""
    if type(suite) is not unittest.TestSuite:
        yield suite
    else:
        for part in suite:
            yield from parts(part)


def unit(part: Any) -> str:
    """What stays together: a class has its fixture, and a module may have one."""
    kind = type(part)
    module = sys.modules.get(kind.__module__)
    if hasattr(module, "setUpModule") or hasattr(module, "tearDownModule"):
        return kind.__module__
    return f"{kind.__module__}.{kind.__qualname__}"


def named(suite: Any) -> list[tuple[str, str, str]]:
    """For each test the names under which its outcome may stand: its own, or that of a fixture that ended it."""
    if isinstance(suite, (list, unittest.BaseTestSuite)):
        return [names for part in suite for names in named(part)]
    module, name = type(suite).__module__, type(suite).__qualname__
    return [(suite.id(), f"setUpClass ({module}.{name})", f"setUpModule ({module})")]


def split(sizes: Mapping[str, int], processes: int) -> dict[str, int]:
    """Which process takes which unit: dealt like cards, those with the most tests first."""
    dealt = sorted(sizes, key=lambda name: (-sizes[name], name))
    return {name: place % processes for place, name in enumerate(dealt)}


def printable(text: str) -> str:
    """XML knows no control characters, and a test may print any."""
    return "".join(char if char in "\n\t" or char.isprintable() else "?" for char in text)


def main() -> int:
    report, process, processes, *arguments = sys.argv[1:]
    sys.path[0] = os.getcwd()
    plain = unittest.TextTestRunner(verbosity=2, resultclass=RecordingResult)
    runner = plain if processes == "1" else SharingRunner(int(process), int(processes))
    argv = ["python -m unittest", "discover", *arguments]
    program = unittest.main(None, argv=argv, testRunner=runner, testLoader=Loader(), exit=False)
    recorded: Any = program.result
    ET.ElementTree(recorded.suite).write(report, encoding="utf-8", xml_declaration=True)
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
