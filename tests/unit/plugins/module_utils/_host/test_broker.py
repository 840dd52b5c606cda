# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else has a place in a broker that leaves. What a broker does is tried on hosts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._host import broker


@pytest.fixture
def vhosts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of a broker alone; the app has no tasks left."""
    there = ["/", "blog"]
    answers: dict[str, Any] = {
        "list_vhosts": lambda: [{"name": name, "messages": 0} for name in there],
        "cluster_status": lambda: {"disk_nodes": ["rabbit@mq1"], "running_nodes": ["rabbit@mq1"]},
        "list_users": lambda: [{"user": "blog"}],
    }
    monkeypatch.setattr(broker, "asked", lambda _program, question, *_rest, **_options: answers[question]())
    monkeypatch.setattr(broker, "_here", lambda: "rabbit@mq1")
    return there


def test_a_broker_that_nobody_else_has_leaves(vhosts: list[str]) -> None:
    plan, left = broker.retire("blog", check=True)
    assert left and any("blog" in step for step in plan)
    vhosts.remove("blog")
    assert broker.retire("blog", check=True)[1]


def test_one_that_another_app_has_stays(vhosts: list[str]) -> None:
    vhosts.append("shop")
    assert broker.retire("blog", check=True) == ([], False)
