# SPDX-License-Identifier: GPL-3.0-or-later
"""How a suite is cut into shares, and what a share says of itself, in processes of its own."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import testreport
from ansible_collections.slipway.flask.plugins.module_utils._core.testshares import Share, merge
from ansible_collections.slipway.flask.plugins.module_utils._host import unittest_driver

SIZES = st.dictionaries(st.text(max_size=3), st.integers(1, 50))
CLASS = "class {name}(unittest.TestCase):\n    def test_a(self): {body}\n    def test_case(self): pass\n"


def classes(*names: str, body: str = "pass", before: str = "") -> str:
    return "import os, unittest\n" + before + "".join(CLASS.format(name=name, body=body) for name in names)


@given(SIZES, st.integers(1, 9))
def test_each_unit_has_one_process_and_none_has_much_more_than_another(sizes: dict[str, int], processes: int) -> None:
    taken = unittest_driver.split(sizes, processes)
    assert taken == unittest_driver.split(dict(reversed(sizes.items())), processes)
    assert taken.keys() == sizes.keys()
    loads = [sum(sizes[name] for name in sizes if taken[name] == process) for process in range(processes)]
    assert sum(loads) == sum(sizes.values())
    assert max(loads) - min(loads) <= max(sizes.values(), default=0)


def shares(folder: Path, processes: int, *arguments: str, **files: str) -> list[Share]:
    """What the processes leave, run one after the other in one tree."""
    for name, text in {"__init__": "", **files}.items():
        (folder / "tests").mkdir(exist_ok=True)
        (folder / "tests" / f"{name}.py").write_text(text)
    driver = str(Path(unittest_driver.__file__))
    found = []
    for process in range(processes):
        report = folder / f"{process}.xml"
        argv = [sys.executable, driver, str(report), str(process), str(processes), *arguments]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
        found.append(Share(done.returncode, report.read_bytes() if report.exists() else None, done.stderr))
    return found


def ran(found: list[Share]) -> list[set[str]]:
    """The tests of each process, by class and name."""
    roots = [ET.fromstring(share.report or b"") for share in found]
    return [{case.get("name", "").split(".", 2)[2] for case in root.iter("testcase")} for root in roots]


def judged(found: list[Share]) -> tuple[testreport.Report, str]:
    report = testreport.parse(merge(found))
    return report, testreport.describe(report.failures)


def test_classes_stay_whole(tmp_path: Path) -> None:
    found = shares(tmp_path, 2, test_one=classes("A", "B"), test_two=classes("C", "D"))
    assert ran(found) == [
        {"A.test_a", "A.test_case", "C.test_a", "C.test_case"},
        {"B.test_a", "B.test_case", "D.test_a", "D.test_case"},
    ]
    assert judged(found)[0].passed == 8


def test_a_module_with_a_fixture_stays_whole(tmp_path: Path) -> None:
    fixture = "count = []\ndef setUpModule(): count.append(1)\n"
    found = shares(tmp_path, 2, test_one=classes("A", "B", "C", before=fixture), test_two=classes("D"))
    assert [len(names) for names in ran(found)] == [6, 2]


def test_more_processes_than_classes(tmp_path: Path) -> None:
    found = shares(tmp_path, 3, test_one=classes("A"))
    assert [share.status for share in found] == [0, 0, 0]
    assert judged(found)[0].passed == 2


def test_arguments_choose_before_the_shares_are_made(tmp_path: Path) -> None:
    found = shares(tmp_path, 2, "-k", "test_case", "-s", "tests", "-t", ".", test_one=classes("A", "B"))
    assert ran(found) == [{"A.test_case"}, {"B.test_case"}]


@pytest.mark.parametrize(
    "reason",
    ["raise unittest.SkipTest('no')", "cls.addClassCleanup(print)"],
)
def test_a_class_that_is_skipped_by_its_fixture_is_not_lost(tmp_path: Path, reason: str) -> None:
    fixture = f"    @classmethod\n    def setUpClass(cls): {reason}\n"
    found = shares(tmp_path, 2, test_one=classes("A") + fixture, test_two=classes("B", "C"))
    report, said = judged(found)
    assert not said
    assert (report.total, report.skipped) == ((5, 1) if "Skip" in reason else (6, 0))


def test_parts_of_a_test_and_suites_of_a_kind_of_their_own(tmp_path: Path) -> None:
    parts = "\n        for n in 1, 2:\n            with self.subTest(n=n): self.skipTest('later')"
    own = (
        "class Own(unittest.TestSuite): pass\n"
        "def load_tests(loader, tests, pattern): return Own(loader.loadTestsFromTestCase(A))\n"
    )
    found = shares(tmp_path, 2, test_one=classes("A", body=parts), test_two=classes("A") + own)
    report, said = judged(found)
    assert (report.passed, report.skipped, said) == (3, 2, "")


def test_a_module_that_cannot_be_loaded_is_told_once(tmp_path: Path) -> None:
    report, said = judged(shares(tmp_path, 3, test_one="import absent\n", test_two=classes("A", "B")))
    assert report.errors == 1
    assert "ERROR import of tests.test_one" in said and "No module named 'absent'" in said


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({"test_one": classes("A", "B", body="os._exit(0)")}, ["process 1 of 2", "exit status 0 and left no report"]),
        ({"test_one": classes("A", "B", body="os.abort()")}, ["process 2 of 2", "signal 6"]),
        (
            {"test_one": classes("A", "B", body="self._outcome.result.stop()")},
            ["A.test_case", "B.test_case", "run by one"],
        ),
        (
            {"test_one": classes("A", "B", before="if '1' in os.sys.argv[2]: raise unittest.SkipTest\n")},
            ["A.test_a", "A.test_case", "found by all"],
        ),
    ],
)
def test_a_process_that_does_not_run_its_share_is_found_out(
    tmp_path: Path, files: dict[str, str], parts: list[str]
) -> None:
    said = judged(shares(tmp_path, 2, **files))[1]
    assert all(part in said for part in parts), said


COLLECTED = """
import gc, unittest, weakref

class T(unittest.TestCase):
    gone = []
    def test_1(self):
        self.itself = self
        weakref.finalize(self, self.gone.append, 1)
    def test_2(self):
        gc.collect()
        self.assertEqual(self.gone, [1])
    def test_3(self):
        self.assertIs(gc.get_freeze_count() > 1000, FROZEN)
"""
OWN = "def load_tests(loader, tests, _pattern): return tests\n"


@pytest.mark.parametrize(("before", "frozen"), [("", True), (OWN, False)], ids=["as found", "of its own accord"])
@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_loaded_is_put_by_and_what_a_test_leaves_is_collected(
    tmp_path: Path, processes: int, before: str, frozen: bool
) -> None:
    found = shares(tmp_path, processes, test_one=before + COLLECTED.replace("FROZEN", str(frozen)))
    assert found[0].status == 0, found[0]
    assert len(ran(found)[0]) == 3


def test_a_package_that_finds_its_tests_itself(tmp_path: Path) -> None:
    (tmp_path / "tests/deep").mkdir(parents=True)
    own = "def load_tests(loader, tests, _pattern): return loader.discover(__path__[0], 'check*.py', '.')\n"
    (tmp_path / "tests/deep/__init__.py").write_text(own)
    (tmp_path / "tests/deep/check_it.py").write_text(classes("Deep"))
    found = shares(tmp_path, 1, test_one=classes("A"))
    assert ran(found) == [{"A.test_a", "A.test_case", "check_it.Deep.test_a", "check_it.Deep.test_case"}]


def test_one_process_is_plain_unittest(tmp_path: Path) -> None:
    (alone,) = shares(tmp_path, 1, test_one=classes("A", "B"))
    assert Counter(child.tag for child in ET.fromstring(alone.report or b"")) == {"testcase": 4}
