# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of the gate as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def render(gate: Mapping[str, Any]) -> str:
    """A line for the commit, and one for each Python that it was tested on."""
    lines = [f"{gate['commit'][:12]} {gate['subject']}"]
    for python, build in gate["builds"].items():
        lines.append(f"  Python {python}: {_tested(build)}")
    return "\n".join(lines)


def _tested(build: Mapping[str, Any]) -> str:
    tests = build.get("tests") or {}
    if build.get("untested"):
        return "not tested, because app_test.enabled is false"
    if not tests:
        return "to be tested"
    skipped = f", {tests['skipped']} skipped" if tests.get("skipped") else ""
    when = "earlier" if build.get("cached") else f"in {tests['seconds']:.1f} s"
    runner = build["runner"] + (f" in {build['processes']} processes" if build.get("processes", 1) > 1 else "")
    return f"{tests['passed']} tests passed{skipped} {when} (runner {runner}, isolation {build['isolation']})"
