# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of several processes as one: nothing is lost on the way, and what was lost before is told."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import testreport
from ansible_collections.slipway.flask.plugins.module_utils._core.testshares import Share, merge

NAMES = st.lists(st.sampled_from("abcdef"), max_size=9)


def share(found: Sequence[str], ran: Sequence[str], bad: Sequence[str] = ()) -> Share:
    root = ET.Element("testsuite")
    for name in ran:
        case = ET.SubElement(root, "testcase", name=name)
        if name in bad:
            ET.SubElement(case, "failure").text = "oh no"
    for tag, names in (("found", found), ("ran", ran)):
        for name in names:
            ET.SubElement(root, tag, name=name)
    return Share(1 if set(bad) & set(ran) else 0, ET.tostring(root), "")


def told(*shares: Share) -> str:
    return testreport.describe(testreport.parse(merge(shares)).failures)


@given(NAMES, st.data())
def test_shares_that_are_whole_together_pass(found: list[str], data: st.DataObject) -> None:
    mine = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    parts = [[name for name, own in zip(found, mine, strict=True) if own is wanted] for wanted in (True, False)]
    report = testreport.parse(merge([share(found, part) for part in parts]))
    assert (report.total, report.passed) == (len(found), len(found))


@given(NAMES, NAMES, NAMES, NAMES)
def test_others_do_not(found: list[str], also_found: list[str], ran: list[str], also_ran: list[str]) -> None:
    whole = sorted(found) == sorted(also_found) == sorted([*ran, *also_ran])
    assert whole == (not told(share(found, ran), share(also_found, also_ran)))


@pytest.mark.parametrize(
    ("shares", "parts"),
    [
        ((share("abc", "a"), share("abc", "b")), ["the shares of the processes", "found by all", "      c"]),
        ((share("ab", "ab"), share("ab", "b")), ["      b"]),
        ((share("ab", "a"), share("abc", "b")), ["      c"]),
        ((share("ab", "a"), Share(-11, None, "test_b ...")), ["process 2 of 2", "test_b ...", "signal 11 and left no"]),
        ((Share(0, b"<testsuite>", ""), share("ab", "b")), ["process 1 of 2", "not well-formed"]),
    ],
)
def test_the_reason_is_said(shares: tuple[Share, ...], parts: list[str]) -> None:
    assert all(part in told(*shares) for part in parts), told(*shares)


def test_a_failure_is_reason_enough() -> None:
    said = told(share("abc", "a", bad="a"), share("abc", "b"))
    assert "FAILED a" in said and "shares" not in said


def test_the_report_says_who_ran_what_and_no_more() -> None:
    whole = ET.fromstring(merge([share("ab", "a"), share("ab", "b")]))
    assert [suite.get("name") for suite in whole] == ["unittest, process 1 of 2", "unittest, process 2 of 2"]
    assert {case.tag for suite in whole for case in suite} == {"testcase"}
