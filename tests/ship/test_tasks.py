# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks beyond a request: three brokers, two workers, and what happens to the tasks meanwhile."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.hosts import Host

from . import inside, measured
from .browser import Browsers
from .commits import QUICK
from .ground import Ground
from .harm import RESTORE, kill_controller, reader, until
from .play import Playing, Run
from .project import Project
from .tasks import beat_at, counted, counting, delivered_again, late_ticks, publish, received, sql
from .test_secrets import watching

NOW = "date '+%F %T'"
# web and database on the first host, workers on the others, a broker on each
GROUPS = {"nginx_uwsgi": (1,), "databases": (1,), "workers": (2, 3), "brokers": (1, 2, 3)}
TICK_SECONDS = 5
WORKERS = {
    "celery_concurrency": 6,
    "celery_task_seconds": 30,
    "celery_beat": True,
    "celery_flower_port": 5555,
    "celery_settings": {"beat_schedule": {"tick": {"task": "webapp.tasks.tick", "schedule": TICK_SECONDS}}},
}
# a mail server that takes everything, for one mailbox; started once, since it cannot follow closely upon itself
MAILBOX = "/var/mail/postbox"
SMTP = """
systemctl --quiet --runtime mask opensmtpd
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y opensmtpd >/dev/null
id postbox >/dev/null 2>&1 || useradd --no-create-home postbox
cat >/etc/smtpd.conf <<CONFIG
table everybody { "@" = postbox }
listen on 0.0.0.0
action keep mbox virtual <everybody>
match from any for any action keep
CONFIG
systemctl --quiet --runtime unmask opensmtpd
systemctl start opensmtpd
timeout 30 sh -c 'until ss -Hltn sport = :25 | grep -q .; do sleep 0.1; done'
"""
BEGAN = "stat -c %Y /proc/$(pgrep -o -f 'celery -A .* worker|uwsgi --ini')"
# processes that have tasks, and who gives these to them
PROCESSES = "for one in $(pgrep -f '[c]elery -A .* worker'); do pgrep -P $one; done"
MASTERS = "for one in $(pgrep -f '[c]elery -A .* worker'); do pgrep -P $one >/dev/null && echo $one; done"
AT_WORK = "pgrep -c -f '[c]elery -A .* worker|[u]wsgi --ini' || true"
# tasks that one process publishes before another one does
BATCH = 100
CANARIES = {
    "rabbitmq_password": "canary of the broker /@:%",
    "postgresql_password": "canary of the database",
    "celery_flower_password": "canary-of-flower",
}


@pytest.fixture(scope="module")
def fleet(ground: Callable[..., Ground], workshop: Path) -> Ground:
    # a schema of their own: the hosts of other tests shall not meet it
    here = ground("tasks", 3, groups=GROUPS, project=Project(workshop / "project-of-tasks"))
    mails = {"MAIL_SERVER": inside.sh(here.hosts[2], "hostname -I").split()[0]}
    here.describe(**QUICK, **WORKERS, **CANARIES, app_environment=mails)
    here.project.commit("Tasks that can be counted", counting(here.project))
    return here


@dataclass(frozen=True)
class First:
    """A run that said all it knows, and argument lists in which a secret stood meanwhile."""

    run: Run
    shown: list[str]


@pytest.fixture(scope="module")
def first(fleet: Ground) -> First:
    """From three bare hosts."""
    with watching(*CANARIES.values()) as shown:
        return First(fleet.play("site", "-vvv", "--diff", limit=600).good(), shown)


@pytest.fixture
def here(fleet: Ground, first: First) -> Iterator[Ground]:
    yield fleet
    until(lambda: fleet.play("status").rc == 0, "everything to be well again")


def test_a_task_is_worked_off_and_a_second_run_changes_nothing(here: Ground) -> None:
    assert here.play("site").good().changed == 0
    # a part of the brokers decides nothing
    assert here.play("site", "--limit", here.wanted.host_names[1]).good().changed == 0
    assert publish(here.host, "first", 20, 100) == 0
    until(lambda: counted(here.host, "first").rows == 20, "twenty tasks")
    # each host of workers has taken some, from a queue that a majority of the brokers keeps
    for host in here.hosts[1:]:
        inside.sh(host, "grep -q 'tasks.count.*succeeded' /var/log/slipway/blog/celery-*.log")
    queue = next(row for row in queues(here.host) if row["name"] == "celery")
    assert queue["type"] == "quorum" and len(queue["members"]) == 3 and queue["policy"] == "slipway"


def test_who_wrote_a_post_is_mailed_what_others_say(here: Ground, tmp_path: Path) -> None:
    """From a browser through the server, a broker and a worker to a mail server and into a mailbox."""
    inside.sh(here.hosts[2], SMTP)
    with Browsers(tmp_path) as made:
        anna, ben = (made.who_joins(here.url, name) for name in ("anna", "ben"))
        anna.writes("On work that waits", "A page need not wait for a mail.")
        ben.goes(anna.place)
        ben.comments("Indeed it need not")
    until(lambda: "Indeed it need not" in inside.sh(here.hosts[2], f"cat {MAILBOX} 2>/dev/null || true"), "the mail")
    assert "To: anna-" in inside.sh(here.hosts[2], f"cat {MAILBOX}")


def queues(host: Host) -> list[dict[str, Any]]:
    columns = "name type members policy messages consumers"
    rows: list[dict[str, Any]] = json.loads(
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


def test_flower_shows_the_tasks_to_who_knows_the_password(here: Ground) -> None:
    first, other = here.hosts[1:]
    until(lambda: flower(first, CANARIES["celery_flower_password"]) == 200, "Flower")
    assert flower(first, "another") == flower(first, "") == 401
    assert "5555" not in inside.sh(other, "ss -Hltn | awk '{print $4}'")
    assert "127.0.0.1:5555" in inside.sh(first, "ss -Hltn | awk '{print $4}'").split()


def flower(host: Host, password: str) -> int:
    """The status of its answer, to who has a password or none."""
    code = f"""
import base64, urllib.error, urllib.request
asked = urllib.request.Request("http://127.0.0.1:5555/workers")
if {password!r}:
    asked.add_header("Authorization", "Basic " + base64.b64encode(b"flower:" + {password!r}.encode()).decode())
try:
    print(urllib.request.urlopen(asked, timeout=10).status)
except urllib.error.HTTPError as refused:
    print(refused.code)
"""
    return int(inside.sh(host, f"python3 - <<'CODE'\n{code}\nCODE"))


def test_secrets_are_shown_nowhere(here: Ground, first: First) -> None:
    cookie = inside.sh(here.host, "cat /var/lib/rabbitmq/.erlang.cookie")
    assert len(cookie) > 15 and first.shown == []
    for secret in (cookie, *CANARIES.values()):
        assert secret not in first.run.output
        quoted = quote(secret, safe="")
        for host in here.hosts:
            assert kept(host, secret) + kept(host, quoted)
            arguments = inside.sh(host, "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
            assert secret not in arguments and quoted not in arguments


def kept(host: Host, secret: str) -> list[str]:
    """Files that hold it, none of which others can read."""
    places = "/etc /srv /var/lib/slipway /var/lib/rabbitmq /var/log /tmp /root"
    found = inside.sh(host, f"grep -rlsF '{secret}' {places} || true").split()
    for path in found:
        mode = inside.sh(host, f"stat -c %a {path}")
        assert mode in ("400", "600", "640"), f"{path} has mode {mode}"
    return found


class Flow:
    """Tasks that are published as long as somebody is at something, and at least so many."""

    def __init__(self, here: Ground, name: str, least: int, rate: float) -> None:
        self._here, self._name, self._least, self._rate = here, name, least, rate
        self._end = threading.Event()
        self.published = self.again = 0
        self._before = delivered_again(here.hosts[1:])

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
        figures = {"tasks": found.rows, "lost": 0, "delivered_again": self.delivered_again()}
        return {**figures, "ended_twice": found.ended - found.rows, "published_again": self.again}

    def delivered_again(self) -> int:
        return delivered_again(self._here.hosts[1:]) - self._before


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
    inside.sh(random.choice(here.hosts[1:]), "pgrep -f '[c]elery -A .* worker' | shuf -n 1 | xargs -r kill -9 || true")


def test_no_task_is_lost_while_releases_come_and_go(here: Ground) -> None:
    with flowing(here, "release") as flow:
        here.project.new_page("Shipped while tasks run")
        here.play("deploy").good()
        server, *workers = (int(inside.sh(host, BEGAN)) for host in here.hosts)
        here.play("rollback").good()
    found = flow.judge()
    # what a new server hands on, an old worker may not know
    assert max(workers) <= server
    # who was told to end has finished what it was at
    assert found["ended_twice"] == found["published_again"] == 0


def test_a_task_that_was_handed_out_as_its_worker_was_told_to_end_ends_once(here: Ground) -> None:
    """No process has said yet that it began."""
    workers = here.hosts[1:]
    before = received(workers)
    for host in workers:
        inside.sh(host, f"kill -STOP $({PROCESSES})")
    try:
        assert publish(here.host, "handed", 8, 100) == 0
        until(lambda: len(received(workers)) == len(before) + 8, "eight tasks to be handed out")
        for host in workers:
            inside.sh(host, f"kill $({MASTERS})")
        until(lambda: consumers(here.host) == 0, "all workers to take no more")
    finally:
        for host in workers:
            inside.sh(host, f"kill -CONT $({PROCESSES})")
    until(lambda: counted(here.host, "handed").rows == 8, "eight tasks")
    until(lambda: consumers(here.host) == 2 * len(workers), "the next workers")
    # what an ended worker has not acknowledged is waiting or at work again
    until(lambda: waiting(here.host) == 0, "an empty queue")
    assert counted(here.host, "handed").ended == 8


def consumers(host: Host) -> int:
    """How many take tasks; the number of `queues` has those as well who only end what they have."""
    found = json.loads(inside.sh(host, "rabbitmqctl -q list_consumers -p blog queue_name --formatter json"))
    return len([row for row in found if row["queue_name"] == "celery"])


def waiting(host: Host) -> int:
    """Tasks that are not done, those at work among them."""
    return next(int(row["messages"]) for row in queues(host) if row["name"] == "celery")


def test_no_task_is_lost_when_workers_are_killed_and_a_broker_goes(here: Ground) -> None:
    with flowing(here, "harm", least=600, rate=40) as flow, every(2, lambda: kill_a_worker(here)):
        inside.sh(here.hosts[2], "systemctl stop rabbitmq-server")
        until(lambda: flow.published > 100, "tasks without that broker")
        inside.sh(here.hosts[2], "systemctl start rabbitmq-server")
        # not every kill meets a task
        until(lambda: flow.delivered_again() > 0, "a task to be delivered again")
    flow.judge()


def test_beat_is_one_and_goes_on_elsewhere(here: Ground) -> None:
    since = inside.sh(here.host, NOW)
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
    # while nobody is beat, since another one loads the app, a tick may be missed: how many is the machine's matter
    assert late_ticks(here.hosts[1:], since, TICK_SECONDS) == []


def ticks(here: Ground) -> tuple[int, int]:
    """The rows, and the highest number: no number comes twice, since it is the key."""
    rows, highest = sql(here.host, "select count(*), coalesce(max(number), 0) from ticked").split("|")
    return int(rows), int(highest)


@pytest.fixture
def backed_up(here: Ground) -> Iterator[Ground]:
    here.play("setup", extra={"backup_time": "daily"}).good()
    here.play("backup").good()
    yield here
    here.play("setup").good()


@contextmanager
def restoring(here: Ground) -> Iterator[Playing]:
    """A backup that is being brought back, and cannot be before the end."""
    with reader(here.host) as send_away, here.start("restore", extra={"restore_over": True}) as run:
        until(lambda: inside.sh(here.host, f"systemctl is-active {RESTORE}") == "active", "a restore")
        yield run
        send_away()
        until(lambda: inside.sh(here.host, f"systemctl is-active {RESTORE} || true") == "inactive", "its end")
        run.wait()


def test_nobody_ships_while_a_backup_is_brought_back(backed_up: Ground) -> None:
    """Hosts of workers have nothing to bring back, and rest as well."""
    here = backed_up
    live, commit = here.live(), here.project.new_page("Shipped after a backup was brought back")
    with restoring(here) as run:
        assert [inside.sh(host, AT_WORK) for host in here.hosts] == ["0"] * 3
        here.play("deploy").bad(f"process {run.process.pid}, restore")
    run.wait().good()
    assert here.live() == live
    with restoring(here) as run:
        kill_controller(run, here)
        # nobody holds a lock against this controller, whose run is dead
        here.play("deploy").bad("A backup of blog is being brought back")
    here.play("deploy").good()
    assert here.live() == commit
    kept = inside.sh(here.host, "tail -n 1 /var/lib/slipway/blog/backups.jsonl")
    assert json.loads(kept)["kind"] == "restore" and json.loads(kept)["ok"]


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
def test_brokers_are_restarted_one_after_the_other(here: Ground) -> None:
    with flowing(here, "memory") as flow:
        assert here.play("setup", extra={"rabbitmq_memory_mb": 700}).good().changed
    flow.judge()
    here.play("setup").good()


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


@pytest.mark.soak
def test_hosts_that_leave_hand_on_what_they_have(here: Ground) -> None:
    """Of three brokers one is left, and the worker on it."""
    here.place(brokers=(1,), workers=(1,))
    here.play("site").bad(f"The cluster of brokers knows rabbit@{here.wanted.host_names[1]}", "group retired")
    here.place(retired=(2, 3))
    since = inside.sh(here.host, NOW)
    with flowing(here, "leaving") as flow:
        run = here.play("site", limit=600).good()
    assert run.changed
    flow.judge()
    number = ticks(here)[1]
    until(lambda: ticks(here)[1] > number, "a tick by who is left", 4 * TICK_SECONDS)
    assert late_ticks(here.hosts[:1], since, TICK_SECONDS) == []
    assert (
        inside.sh(here.host, "rabbitmqctl -q cluster_status --formatter json | tr , '\\n' | grep -c running_nodes")
        == "1"
    )
    for host in here.hosts[1:]:
        left = inside.sh(
            host, "systemctl is-active rabbitmq-server slipway-blog || true; ls /etc/slipway/blog 2>/dev/null || true"
        )
        assert left.split() == ["inactive", "inactive"]
    assert here.play("site").good().changed == 0
    here.place(retired=())
    here.play("site").good()
    assert here.play("site").good().changed == 0


def test_an_app_taken_off_with_all_it_has_stored_leaves_nothing_at_its_brokers(fleet: Ground, first: First) -> None:
    """The last of these tests."""
    gone = {"app_state": "absent", "app_delete_data": "blog"}
    fleet.play("site", extra=gone).good()
    for host in fleet.hosts:
        assert inside.sh(host, "ls -d /etc/slipway/blog /var/lib/slipway/blog 2>/dev/null || true") == ""
    assert "blog" not in inside.sh(fleet.host, "rabbitmqctl -q list_vhosts; rabbitmqctl -q list_users")
    assert fleet.play("site", extra=gone).good().changed == 0
