# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which known name somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable

REACH = 2  # edits
SHORT = 4  # letters: two edits turn nearly every word of this length into another


def distance(left: str, right: str) -> int:
    """How many letters to insert, remove, replace or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(right, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                best = min(best, above[j - 2] + 1)
            row.append(best)
    return row[-1]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is a slip of, or None. A known name is no slip."""
    ranked = sorted((distance(name.lower(), candidate), candidate) for candidate in known)
    if not ranked or name == ranked[0][1]:
        return None
    return next((candidate for edits, candidate in ranked if edits <= REACH and _alike(name.lower(), candidate)), None)


def _alike(name: str, known: str) -> bool:
    """Word for word: `app_port` is two edits from `app_root` and yet nobody's slip of it."""
    if name.replace("_", "") == known.replace("_", ""):
        return True
    words, wanted = name.split("_"), known.split("_")
    if len(words) != len(wanted):
        return min(len(name), len(known)) > SHORT
    return all(
        distance(word, other) <= (1 if max(len(word), len(other)) <= SHORT else REACH)
        for word, other in zip(words, wanted, strict=True)
    )
