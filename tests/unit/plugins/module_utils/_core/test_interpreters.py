# SPDX-License-Identifier: GPL-3.0-or-later
"""The nearest Python."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.interpreters import Interpreter, nearest, number

minors = st.integers(7, 20).map("3.{}".format)


def python(minor: str) -> Interpreter:
    return Interpreter(f"/usr/bin/python{minor}", f"{minor}.4", "/usr")


@given(minors, st.lists(minors, min_size=1))
def test_none_is_nearer_and_of_equals_the_newer_is_taken(wanted: str, there: list[str]) -> None:
    found = nearest(wanted, [python(minor) for minor in there])
    assert found is not None
    away = abs(number(found.minor) - number(wanted))
    for minor in there:
        other = abs(number(minor) - number(wanted))
        assert away < other or (away == other and number(found.minor) >= number(minor))


def test_nothing_there() -> None:
    assert nearest("3.11", []) is None
    assert python("3.11").minor == "3.11"
