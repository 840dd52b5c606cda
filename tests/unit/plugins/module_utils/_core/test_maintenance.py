# SPDX-License-Identifier: GPL-3.0-or-later
"""Who reaches a site in maintenance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge
from ansible_collections.slipway.flask.plugins.module_utils._core.maintenance import RULES, guests


@given(st.lists(st.ip_addresses().map(str)))
def test_every_address_is_let_in(addresses: list[str]) -> None:
    assert judge(RULES, {"site_maintenance_exempt": addresses}) == []
    assert [line.partition("/")[0] for line in guests(addresses, "none").splitlines()] == addresses


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "10.0.0.0/33", "office", "1.2.3.4; }", "", 10, "10.0.0.0-10.0.0.9"])
def test_nothing_else_is(entry: object) -> None:
    (problem,) = judge(RULES, {"site_maintenance_exempt": ["::1", entry]})
    assert problem.startswith("site_maintenance_exempt, entry 2, is")


@pytest.mark.parametrize("value", ["10.0.0.0/8", {"a": 1}])
def test_it_is_a_list(value: object) -> None:
    (problem,) = judge(RULES, {"site_maintenance_exempt": value})
    assert "write a list" in problem
