# SPDX-License-Identifier: GPL-3.0-or-later
"""Which name was meant: slips are found, other people's names are left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import distance, nearest

WORDS = st.text("abcde_", max_size=8)


def test_distances() -> None:
    assert distance("", "abc") == 3
    assert distance("app_naem", "app_name") == 1
    assert distance("kitten", "sitting") == 3


@given(WORDS, WORDS)
def test_a_distance_is_the_same_both_ways_and_zero_only_for_equals(left: str, right: str) -> None:
    assert distance(left, right) == distance(right, left)
    assert (distance(left, right) == 0) == (left == right)


@given(WORDS, st.data())
def test_one_removed_letter_is_one_edit(word: str, data: st.DataObject) -> None:
    if word:
        at = data.draw(st.integers(0, len(word) - 1))
        assert distance(word[:at] + word[at + 1 :], word) == 1


def test_nothing_known_nothing_meant() -> None:
    assert nearest("app_name", []) is None
    assert nearest("path", ["path", "paths"]) is None
    assert nearest("ab", ["a_c"]) is None
