# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks beyond a request: three brokers, two workers, and what happens to the tasks meanwhile."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.hosts import Host

from . import inside, measured
from .commits import QUICK
from .ground import Ground
from .harm import until
from .play import Run
from .tasks import beat_at, counted, counting, publish, sql
from .test_secrets import watching

# web and database on the first host, workers on the others, a broker on each
GROUPS = {"nginx_uwsgi": (1,), "databases": (1,), "workers": (2, 3), "brokers": (1, 2, 3)}
TICK_SECONDS = 10
WORKERS = {
    "celery_concurrency": 6,
    "celery_task_seconds": 30,
    "celery_beat": True,
    "celery_settings": {"beat_schedule": {"tick": {"task": "webapp.tasks.tick", "schedule": TICK_SECONDS}}},
}
# tasks that one process publishes before another one does
BATCH = 100
SECRETS = ("broker.secret", "database.secret")


@pytest.fixture(scope="module")
def fleet(ground: Callable[..., Ground]) -> Ground:
    here = ground("tasks", 3, groups=GROUPS, **QUICK, **WORKERS)
    here.project.commit("Tasks that can be counted", counting(here.project))
    return here


@pytest.fixture(scope="module")
def first(fleet: Ground) -> Run:
    """From three bare hosts."""
    return fleet.play("site", "-vvv", "--diff", limit=600).good()


@pytest.fixture
def here(fleet: Ground, first: Run) -> Iterator[Ground]:
    yield fleet
    until(lambda: fleet.play("status").rc == 0, "everything to be well again")


def test_a_task_is_worked_off_and_a_second_run_changes_nothing(here: Ground) -> None:
    assert here.play("site").good().changed == 0
    assert publish(here.host, "first", 20, 100) == 0
    until(lambda: counted(here.host, "first").rows == 20, "twenty tasks")
    # each host of workers has taken some, from a queue that a majority of the brokers keeps
    for host in here.hosts[1:]:
        inside.sh(host, "grep -q 'tasks.count.*succeeded' /var/log/slipway/blog/celery-*.log")
    queue = next(row for row in queues(here.host) if row["name"] == "celery")
    assert queue["type"] == "quorum" and len(queue["members"]) == 3 and queue["policy"] == "slipway"


def queues(host: Host) -> list[dict[str, object]]:
    columns = "name type members policy messages consumers"
    rows: list[dict[str, object]] = json.loads(
        inside.sh(host, f"rabbitmqctl -q list_queues -p blog {columns} --formatter json")
    )
    return rows


def test_nobody_else_reaches_the_broker(here: Ground) -> None:
    for host in here.hosts:
        assert inside.sh(host, "rabbitmqctl -q list_users | cut -f1").split() == ["user", "blog"]
        listens = inside.sh(host, "ss -Hltn | awk '{print $4}'").split()
        assert "127.0.0.1:5672" in listens and not [
            one for one in listens if one in ("*:5672", "0.0.0.0:4369", "*:4369")
        ]


def test_secrets_are_shown_nowhere(here: Ground, first: Run) -> None:
    kept = [inside.sh(here.host, f"cat /etc/slipway/blog/{name}") for name in SECRETS]
    kept.append(inside.sh(here.host, "cat /var/lib/rabbitmq/.erlang.cookie"))
    assert all(len(secret) > 15 for secret in kept)
    here.project.new_page("Told to nobody")
    with watching(*kept) as shown:
        run = here.play("site", "-vvv", "--diff").good()
    assert shown == []
    for secret in kept:
        assert secret not in run.output and secret not in first.output
        for host in here.hosts:
            places = "/etc /srv /var/lib/slipway /var/lib/rabbitmq /var/log /tmp /root"
            for path in inside.sh(host, f"grep -rlsF '{secret}' {places} || true").split():
                mode = inside.sh(host, f"stat -c %a {path}")
                assert mode in ("400", "600", "640"), f"{path} has mode {mode}"


class Flow:
    """Tasks that are published as long as somebody is at something, and at least so many."""

    def __init__(self, here: Ground, name: str, least: int, rate: float) -> None:
        self._here, self._name, self._least, self._rate = here, name, least, rate
        self._end = threading.Event()
        self.published = self.again = 0

    def run(self) -> None:
        while not self._end.is_set() or self.published < self._least:
            batch = min(BATCH, max(self._least - self.published, BATCH // 5))
            self.again += publish(self._here.host, f"{self._name}-{self.published}", batch, self._rate)
            self.published += batch

    def end(self) -> None:
        self._end.set()

    def judge(self) -> dict[str, int]:
        """Each has left its row, whichever worker had it, and no broker has put one aside."""
        until(lambda: counted(self._here.host, self._name).rows >= self.published, "every task to leave its row", 180)
        found = counted(self._here.host, self._name)
        dead = next(row["messages"] for row in queues(self._here.host) if row["name"] == "blog.dead")
        assert (found.rows, dead) == (self.published, 0)
        figures = {"tasks": found.rows, "lost": 0, "delivered_again": found.deliveries - found.rows}
        return {**figures, "published_again": self.again}


@contextmanager
def flowing(here: Ground, name: str, least: int = 200, rate: float = 20) -> Iterator[Flow]:
    flow = Flow(here, name, least, rate)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(flow.run)
        try:
            yield flow
        finally:
            flow.end()
            running.result()


@contextmanager
def every(seconds: float, harm: Callable[[], object]) -> Iterator[None]:
    """Do harm again and again meanwhile."""
    end = threading.Event()

    def go_on() -> None:
        while not end.wait(seconds):
            harm()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(go_on)
        try:
            yield
        finally:
            end.set()
            running.result()


def kill_a_worker(here: Ground) -> None:
    """The master of a slot or one of its processes, whichever comes."""
    inside.sh(random.choice(here.hosts[1:]), "pgrep -f 'celery -A .* worker' | shuf -n 1 | xargs -r kill -9 || true")


def test_no_task_is_lost_while_releases_come_and_go(here: Ground) -> None:
    with flowing(here, "release") as flow:
        here.project.new_page("Shipped while tasks run")
        here.play("deploy").good()
        here.play("rollback").good()
    found = flow.judge()
    # who was told to end has finished what it was at
    assert found["delivered_again"] == found["published_again"] == 0


def test_no_task_is_lost_when_workers_are_killed_and_a_broker_goes(here: Ground) -> None:
    with flowing(here, "harm", least=300) as flow, every(3, lambda: kill_a_worker(here)):
        inside.sh(here.hosts[2], "systemctl stop rabbitmq-server")
        until(lambda: flow.published > 100, "tasks without that broker")
        inside.sh(here.hosts[2], "systemctl start rabbitmq-server")
    flow.judge()


def test_workers_are_rolled_before_what_hands_them_tasks(here: Ground) -> None:
    here.project.new_page("Workers first")
    here.play("deploy").good()
    began = [
        inside.sh(host, "stat -c %Y /proc/$(pgrep -o -f 'celery -A .* worker|uwsgi --ini')") for host in here.hosts
    ]
    assert max(began[1:]) <= began[0]


def test_beat_is_one_and_goes_on_elsewhere(here: Ground) -> None:
    until(lambda: bool(beat_at(here.host)), "somebody to be beat")
    until(lambda: ticks(here)[1] >= 2, "two ticks", 4 * TICK_SECONDS)
    was = beat_at(here.host)
    here.project.new_page("Shipped between two ticks")
    here.play("deploy").good()
    host = next(one for one in here.hosts if inside.sh(one, "hostname") == was)
    inside.sh(host, "systemctl kill --signal=KILL slipway-blog.service; systemctl stop slipway-blog.service")
    try:
        until(lambda: beat_at(here.host) not in ("", was), "another host to be beat")
        number = ticks(here)[1]
        until(lambda: ticks(here)[1] >= number + 2, "two more ticks", 4 * TICK_SECONDS)
    finally:
        inside.sh(host, "systemctl start slipway-blog.service")
    assert missed(here) <= 2


def ticks(here: Ground) -> tuple[int, int]:
    """The rows, and the highest number: no number comes twice, since it is the key."""
    rows, highest = sql(here.host, "select count(*), coalesce(max(number), 0) from ticked").split("|")
    return int(rows), int(highest)


def missed(here: Ground) -> int:
    """Ticks that should have come in the time from the first to the last one, and did not."""
    rows, _highest = ticks(here)
    seconds = float(sql(here.host, "select extract(epoch from max(at) - min(at)) from ticked"))
    return round(seconds / TICK_SECONDS) + 1 - rows


def test_what_is_wrong_is_said_before_anything_changes(here: Ground) -> None:
    before = [inside.state(host) for host in here.hosts]
    said = 'celery_pool is "eventlet": write prefork, threads, gevent or solo'
    here.play("site", extra={"celery_pool": "eventlet", "rabbitmq_disk_mb": 1}).bad(said, "rabbitmq_disk_mb is 1")
    here.play("site", extra={"celery_app": "no_such_module"}).bad("celery_app no_such_module", "No module named")
    here.regroup("brokers", "nobodies")
    try:
        here.play("site").bad("The group workers has hosts, and no host is in the group brokers")
    finally:
        here.regroup("nobodies", "brokers")
    assert [inside.difference(was, inside.state(host)) for was, host in zip(before, here.hosts, strict=True)] == [
        []
    ] * 3


@pytest.mark.soak
def test_figures_of_five_thousand_tasks(here: Ground) -> None:
    found = {}
    with flowing(here, "many", least=5000, rate=40) as flow:
        for number in range(3):
            here.project.new_page(f"Shipped while five thousand run, {number}")
            here.play("deploy").good()
        here.play("rollback").good()
    found["three deploys and a rollback"] = flow.judge()
    with flowing(here, "killed", least=5000, rate=40) as flow, every(5, lambda: kill_a_worker(here)):
        until(lambda: flow.published > 4800, "most of them", 600)
    found["a worker killed every 5 s"] = flow.judge()
    with flowing(here, "broker", least=5000, rate=40) as flow:
        inside.sh(here.hosts[2], "systemctl stop rabbitmq-server")
        until(lambda: flow.published > 2500, "half of them", 600)
        inside.sh(here.hosts[2], "systemctl start rabbitmq-server")
    found["one of three brokers stopped and back"] = flow.judge()
    measured.keep("tasks", {"figures": found})
