# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import status, wellness
from ansible_collections.slipway.flask.plugins.module_utils._core.broker_report import (
    judge,
    judge_fleet,
    of_queues,
    render,
)

NODES = ["rabbit@a", "rabbit@b", "rabbit@c"]
QUEUE = {"name": "celery", "type": "quorum", "workers": 2, "waiting": 5, "at_work": 1}
REPORT: dict[str, Any] = {
    "node": "rabbit@a",
    "nodes": NODES,
    "running": NODES,
    "alarms": [],
    "queues": [QUEUE],
    "later": 0,
    "dead": 0,
}


def row(name: str, ready: int, unacked: int = 0, consumers: int = 0) -> dict[str, Any]:
    numbers = {"messages_ready": ready, "messages_unacknowledged": unacked, "consumers": consumers}
    return {"name": name, "type": "quorum", **numbers}


def test_queues_of_tasks_are_told_and_of_celerys_own_how_much_waits_there() -> None:
    rows = [row("celery", 5, 1, 2), row("blog.dead", 2, 1), row("celery_delayed_3", 4), row("celery_delayed_4", 1)]
    rows += [row("blog-1@a.celery.pidbox", 9), row("celeryev.7", 9), row("mails", 0)]
    found = of_queues("blog", rows)
    mails = {"name": "mails", "type": "quorum", "workers": 0, "waiting": 0, "at_work": 0}
    assert found == {"queues": [QUEUE, mails], "later": 5, "dead": 3}
    # what a queue does not tell while its node is away
    assert of_queues("blog", [{**row("celery", 0), "messages_ready": "", "consumers": ""}])["queues"][0]["waiting"] == 0


def test_a_broker_that_is_well_is_silent() -> None:
    assert list(judge(REPORT)) == []
    assert wellness.judge({"broker": REPORT}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"running": NODES[:2]}, "The broker rabbit@c of the cluster does not run."),
        ({"alarms": ["memory"]}, "Whoever hands on tasks has to wait, for the broker has too little left: memory"),
        ({"queues": [{**QUEUE, "workers": 0}]}, "Nobody works off the queue celery, in which 5 tasks are waiting."),
        ({"dead": 1}, "one task is put aside, delivered too often or known to no worker."),
    ],
)
def test_what_somebody_has_to_look_at(change: dict[str, Any], said: str) -> None:
    (problem,) = wellness.judge({"broker": {**REPORT, **change}})
    assert problem.startswith(said)


def test_a_node_that_no_host_of_the_inventory_is() -> None:
    reports = {host: {**REPORT, "node": f"rabbit@{host}"} for host in "ab"}
    (problem,) = judge_fleet(reports, ["a", "b"])
    assert "knows rabbit@c, and no host of the group brokers" in problem and "forget_cluster_node rabbit@c" in problem
    # who was not asked may be the third one
    assert judge_fleet(reports, ["a", "b", "c"]) == []
    assert judge_fleet({}, []) == []


def test_it_is_shown_in_a_few_lines() -> None:
    assert list(render({**REPORT, "running": NODES[:2], "later": 3, "dead": 1})) == [
        "broker rabbit@a, 2 of 3 run",
        "  queue celery (quorum): 5 waiting, 1 at work, 2 workers",
        "  3 tasks are waiting for their time",
        "  one task is put aside",
    ]
    alone = {**REPORT, "nodes": NODES[:1], "running": NODES[:1], "queues": []}
    assert status.render({"broker": alone}) == "broker rabbit@a"
