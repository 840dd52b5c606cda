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
    _path, content = guests(addresses, "", "blog")
    assert [line.partition("/")[0] for line in content.splitlines()] == addresses


@pytest.mark.parametrize(
    ("front", "path", "line"),
    [
        ("nginx", "/etc/nginx/snippets/slipway-blog-exempt.conf", "203.0.113.0/24 none;\n"),
        ("apache", "/etc/apache2/slipway-blog-exempt.conf", "SetEnvIfExpr \"-R '203.0.113.0/24'\" slipway_guest\n"),
        ("", "/etc/slipway/blog/exempt", "203.0.113.0/24\n"),
    ],
)
def test_each_server_reads_it_in_its_own_way(front: str, path: str, line: str) -> None:
    assert guests(["203.0.113.0/24"], front, "blog") == (path, line)


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "10.0.0.0/33", "office", "1.2.3.4; }", "", 10, "10.0.0.0-10.0.0.9"])
def test_nothing_else_is(entry: object) -> None:
    (problem,) = judge(RULES, {"site_maintenance_exempt": ["::1", entry]})
    assert problem.startswith("site_maintenance_exempt, entry 2, is")


@pytest.mark.parametrize("value", ["10.0.0.0/8", {"a": 1}])
def test_it_is_a_list(value: object) -> None:
    (problem,) = judge(RULES, {"site_maintenance_exempt": value})
    assert "write a list" in problem
