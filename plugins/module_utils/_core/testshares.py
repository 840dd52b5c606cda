# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One report of what several processes reported, each of its share of a suite; what went wrong is a case in it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core import testreport
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError


@dataclass(frozen=True)
class Share:
    """How one process ended: its report, and the end of its output."""

    status: int
    report: bytes | None
    said: str


def merge(shares: Sequence[Share]) -> bytes:
    """The report of the whole. It tells of an error unless every test was run by one process."""
    whole = ET.Element("testsuites")
    for number, share in enumerate(shares, 1):
        name = f"process {number} of {len(shares)}"
        suite = _suite(share, name)
        suite.set("name", f"unittest, {name}")
        whole.append(suite)
    amiss = any(case.find(tag) is not None for case in whole.iter("testcase") for tag in ("error", "failure"))
    lost = [] if amiss else _lost(whole)
    if lost:
        _error(whole, "the shares of the processes", "\n".join(["not found by all processes and run by one:", *lost]))
    for suite in whole:
        for note in [*suite.findall("found"), *suite.findall("ran")]:
            suite.remove(note)
    merged: bytes = ET.tostring(whole, encoding="utf-8")
    return merged


def _suite(share: Share, name: str) -> ET.Element:
    """What a process reported, or that it could not."""
    why = f"it ended with {testreport.ending(share.status)} and left no report"
    try:
        if share.report is not None:
            return testreport.tree(share.report)
    except SlipwayError as error:
        why = str(error)
    suite = ET.Element("testsuite")
    _error(suite, name, f"{share.said}\n{why}")
    return suite


def _lost(whole: ET.Element) -> list[str]:
    """The tests that one process found and that did not run just as often in all of them together."""
    ran = _names(whole, "ran")
    return sorted({name for suite in whole for name in (_names(suite, "found") - ran) | (ran - _names(suite, "found"))})


def _names(element: ET.Element, tag: str) -> Counter[str]:
    return Counter(note.get("name", "") for note in element.iter(tag))


def _error(suite: ET.Element, name: str, text: str) -> None:
    ET.SubElement(ET.SubElement(suite, "testcase", name=name), "error").text = text
