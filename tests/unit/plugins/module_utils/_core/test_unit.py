# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.unit import (
    INVERSE,
    Unit,
    UnitState,
    plan_unit,
    read_state,
)

UNITS = st.builds(
    Unit,
    st.just("x.service"),
    st.none() | st.booleans(),
    st.sampled_from([None, "started", "stopped"]),
    st.sampled_from(["none", "reload", "restart"]),
)
STATES = st.builds(UnitState, st.booleans(), st.booleans())
EFFECT = {
    "start": {"running": True},
    "stop": {"running": False},
    "enable": {"enabled": True},
    "disable": {"enabled": False},
}


def after(state: UnitState, verbs: list[str]) -> UnitState:
    fields = vars(state).copy()
    for verb in verbs:
        fields |= EFFECT.get(verb, {})
    return UnitState(**fields)


@given(UNITS, STATES, st.booleans())
def test_nothing_is_left_to_do_after_the_plan(unit, state, changed):
    assert plan_unit(unit, after(state, plan_unit(unit, state, changed)), False) == []


@given(UNITS, STATES, st.booleans())
def test_the_inverse_gives_the_unit_that_was(unit, state, changed):
    verbs = plan_unit(unit, state, changed)
    assert after(after(state, verbs), [INVERSE[verb] for verb in reversed(verbs)]) == state


@pytest.mark.parametrize(
    ("unit", "state", "changed", "verbs"),
    [
        (Unit("x", True, "started", "reload"), UnitState(True, True), True, ["reload"]),
        (Unit("x", True, "started", "reload"), UnitState(True, True), False, []),
        (Unit("x", True, "started", "restart"), UnitState(False, False), True, ["start", "enable"]),
        (Unit("x", on_change="restart"), UnitState(False, False), True, []),
        (Unit("x", False, "stopped", "restart"), UnitState(True, True), True, ["stop", "disable"]),
        (Unit("x"), UnitState(True, True), True, []),
    ],
)
def test_verbs(unit, state, changed, verbs):
    assert plan_unit(unit, state, changed) == verbs


@pytest.mark.parametrize(
    ("watches", "changed", "concerned"),
    [
        ((), [], False),
        ((), ["/a"], True),
        (["/a", "/b"], ["/c"], False),
        (["/a", "/b"], ["/c", "/b"], True),
    ],
)
def test_which_changes_concern_a_unit(watches, changed, concerned):
    assert Unit("x", watches=watches).concerned(changed) is concerned


@pytest.mark.parametrize(
    ("properties", "state"),
    [
        ({"ActiveState": "active", "UnitFileState": "enabled"}, UnitState(True, True)),
        ({"ActiveState": "activating", "UnitFileState": "static"}, UnitState(True, True)),
        ({"ActiveState": "failed", "UnitFileState": "disabled"}, UnitState(False, False)),
        ({"ActiveState": "inactive", "UnitFileState": ""}, UnitState(False, False)),
        ({}, UnitState(False, False)),
    ],
)
def test_what_systemctl_shows(properties, state):
    assert read_state(properties) == state
