# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import UnitState
from ansible_collections.slipway.flask.plugins.module_utils._host import unit


def test_a_command_gives_what_it_prints():
    assert unit.must(["echo", "hello"]) == "hello\n"


def test_a_command_that_fails_is_quoted_with_its_own_words():
    with pytest.raises(SlipwayError, match=r"`sh -c .*` failed with status 3:\nwhy it did"):
        unit.must(["sh", "-c", "echo why it did >&2; exit 3"])


def test_a_command_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(unit, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(SlipwayError, match="`sleep 60` took too long"):
        unit.must(["sleep", "60"])


def test_a_unit_is_looked_at_with_one_command(monkeypatch):
    asked = []

    def must(argv):
        asked.append(argv)
        return "ActiveState=active\nUnitFileState=disabled\n"

    monkeypatch.setattr(unit, "must", must)
    assert unit.look_at_unit("x.service") == UnitState(running=True, enabled=False)
    assert asked == [["systemctl", "show", "x.service", "--property", "ActiveState,UnitFileState"]]


def test_units_are_told_apart_by_their_turn(monkeypatch):
    said = "ActiveState=active\nUnitFileState=enabled\n\nActiveState=inactive\nUnitFileState=\n"
    monkeypatch.setattr(unit, "must", lambda _argv: said)
    assert unit.look_at_units(["a.service", "b.service"]) == {
        "a.service": UnitState(running=True, enabled=True),
        "b.service": UnitState(running=False, enabled=False),
    }
    assert unit.look_at_units([]) == {}
