# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a gate is known before its verdict is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.action import environment

BUILDS = {"3.11": {"lock": {"path": "lock.txt", "sha256": "b" * 64}}}


@pytest.mark.parametrize(
    ("answer", "builds"), [({"found": {"builds": BUILDS}}, BUILDS), ({"error": "2 tests failed"}, {}), (None, {})]
)
def test_only_what_has_passed_is_installed_early(monkeypatch: pytest.MonkeyPatch, answer: Any, builds: Any) -> None:
    monkeypatch.setattr(environment.beside, "peek", {"answer": answer}.__getitem__)
    assert environment._builds({"begun": "answer"}) == builds


def test_a_gate_that_worked_before_is_known() -> None:
    assert environment._builds({"builds": BUILDS}) == BUILDS
    assert environment._builds({}) == {}
