# SPDX-License-Identifier: GPL-3.0-or-later
"""The nearest Python."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.interpreters import Interpreter, by_nearness, number

minors = st.integers(7, 20).map("3.{}".format)


@given(minors, st.lists(minors))
def test_nearer_ones_come_first_and_of_equals_the_newer(wanted: str, there: list[str]) -> None:
    found = by_nearness(wanted, there)
    assert set(found) == set(there)
    away = [abs(number(minor) - number(wanted)) for minor in found]
    assert away == sorted(away)
    for (one, other), (near, far) in zip(itertools.pairwise(found), itertools.pairwise(away), strict=True):
        assert near < far or number(one) > number(other)


def test_a_version_has_a_minor() -> None:
    assert Interpreter("/usr/bin/python3.11", "3.11.4", "/usr").minor == "3.11"
