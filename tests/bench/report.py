# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as tables to read and as figures to keep."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .contenders import Figures
from .race import Found

CASES = ("bare_to_live", "new_commit", "idle", "failed_requests")
Rounds = Mapping[str, Sequence[Found]]


def figures(rounds: Rounds) -> dict[str, Any]:
    """Medians by case and by act, and each round."""
    return {
        "rows": [{"case": case, **_rounded(_medians(rounds, case))} for case in CASES],
        "acts": {
            name: {what: _rounded(middle) for what, middle in _acts(found).items()} for name, found in rounds.items()
        },
        "rounds": {name: [one.cases for one in found] for name, found in rounds.items()},
    }


def tables(rounds: Rounds) -> Iterator[str]:
    """Medians with their ranges; then each act that tells of itself."""
    yield f"{'':16}" + "".join(f"{name:>22}" for name in rounds)
    for case in CASES:
        yield f"{case:16}" + "".join(f"{_range(found, case):>22}" for found in rounds.values())
    for name, found in rounds.items():
        acts = _acts(found)
        yield ""
        yield f"{name:16}" + "".join(f"{column:>13}" for column in acts["idle"])
        for what, middle in acts.items():
            yield f"{what:16}" + "".join(f"{value:13.1f}" for value in middle.values())


def _medians(rounds: Rounds, case: str) -> Figures:
    return {
        name: statistics.median(one.cases[case] for one in found)
        for name, found in rounds.items()
        if case in found[0].cases
    }


def _acts(found: Sequence[Found]) -> dict[str, Figures]:
    """Medians of each act that somebody did himself."""
    acts = {what: [one.acts[what] for one in found] for what, first in found[0].acts.items() if first}
    return {what: {key: statistics.median(row[key] for row in rows) for key in rows[0]} for what, rows in acts.items()}


def _rounded(found: Figures) -> Figures:
    return {key: round(value, 2) for key, value in found.items()}


def _range(found: Sequence[Found], case: str) -> str:
    values = [one.cases[case] for one in found if case in one.cases]
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})" if values else "-"
