# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a broker tells of itself and of an app's queues: gathered, judged and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Report = Mapping[str, Any]

# where Celery keeps tasks that wait for their time, and what is no task
LATER, NO_TASKS = "celery_delayed_", ("celeryev.", ".pidbox")


def of_queues(app: str, rows: Sequence[Report]) -> dict[str, Any]:
    """Queues that workers take from; how many tasks wait for their time, and how many were put aside."""
    found = [_queue(row) for row in sorted(rows, key=lambda row: str(row["name"]))]
    tasks = [row for row in found if not row["name"].startswith(NO_TASKS[0]) and not row["name"].endswith(NO_TASKS[1])]
    later = [row for row in tasks if row["name"].startswith(LATER)]
    dead = [row for row in tasks if row["name"] == f"{app}.dead"]
    return {
        "queues": [row for row in tasks if row not in later and row not in dead],
        "later": sum(row["waiting"] for row in later),
        "dead": sum(row["waiting"] + row["at_work"] for row in dead),
    }


def judge(report: Report) -> Iterator[str]:
    """What somebody has to look at."""
    for node in (node for node in report["nodes"] if node not in report["running"]):
        yield f"The broker {node} of the cluster does not run. See there: systemctl status rabbitmq-server"
    for alarm in report["alarms"]:
        yield f"Whoever hands on tasks has to wait, for the broker has too little left: {alarm}"
    for queue in report["queues"]:
        if queue["waiting"] and not queue["workers"]:
            yield f"Nobody works off the queue {queue['name']}, in which {_tasks(queue['waiting'])} waiting."
    if report["dead"]:
        yield (
            f"{_tasks(report['dead'])} put aside, delivered too often or known to no worker."
            " Look at the queue on a broker, and at the logs of the workers."
        )


def judge_fleet(reports: Mapping[str, Report], asked: Sequence[str]) -> list[str]:
    """Nodes that the cluster knows and the inventory does not, once every broker that it has was asked."""
    known = {node for report in reports.values() for node in report["nodes"]}
    strange = sorted(known - {report["node"] for report in reports.values()}) if set(asked) == set(reports) else []
    return [
        f"The cluster of brokers knows {node}, and no host of the group brokers is called so. If it is gone for good,"
        f" type on a broker: rabbitmqctl forget_cluster_node {node}"
        for node in strange
    ]


def render(report: Report) -> Iterator[str]:
    """A line for the broker, and one for each queue."""
    others = len(report["nodes"]) - 1
    yield f"broker {report['node']}" + (f", {len(report['running'])} of {others + 1} run" if others else "")
    for queue in report["queues"]:
        tasks = f"{queue['waiting']} waiting, {queue['at_work']} at work"
        workers = f"{queue['workers']} worker{'' if queue['workers'] == 1 else 's'}"
        yield f"  queue {queue['name']} ({queue['type']}): {tasks}, {workers}"
    if report["later"]:
        yield f"  {_tasks(report['later'])} waiting for their time"
    if report["dead"]:
        yield f"  {_tasks(report['dead'])} put aside"


def _queue(row: Report) -> dict[str, Any]:
    return {
        "name": str(row["name"]),
        "type": row["type"],
        "workers": int(row["consumers"] or 0),
        "waiting": int(row["messages_ready"] or 0),
        "at_work": int(row["messages_unacknowledged"] or 0),
    }


def _tasks(number: int) -> str:
    return "one task is" if number == 1 else f"{number} tasks are"
