# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of the blog that can be counted: each leaves a row under its own key, and says how often it was delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.hosts import Host

from . import inside
from .project import Edit, Project

MIGRATION = """from alembic import op

revision = "{number}"
down_revision = "{before}"


def upgrade() -> None:
    op.execute("create table counted (key text primary key, deliveries integer not null)")
    at = "at timestamptz not null default current_timestamp"
    op.execute(f"create table ticked (number integer primary key, {{at}}, host text)")
"""
TASKS = """

@shared_task(ignore_result=True)
def count(key: str, milliseconds: int) -> None:
    import time

    from sqlalchemy import text

    time.sleep(milliseconds / 1000)
    again = "on conflict (key) do update set deliveries = counted.deliveries + 1"
    db.session.execute(text(f"insert into counted (key, deliveries) values (:key, 1) {again}"), {"key": key})
    db.session.commit()


@shared_task(bind=True, ignore_result=True)
def tick(self: Task) -> None:
    from sqlalchemy import text

    row = {"number": self.request.headers["slipway_tick"], "host": self.request.origin}
    db.session.execute(text("insert into ticked (number, host) values (:number, :host)"), row)
    db.session.commit()
"""
# Publishes at a steady rate, and counts a task only when the broker has confirmed it.
PUBLISH = """
import random, sys, time
from celery_runner import flask_app
from webapp.tasks import count

prefix, number, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
again, began = 0, time.monotonic()
for turn in range(number):
    time.sleep(max(0, began + turn / rate - time.monotonic()))
    while True:
        try:
            count.delay(f"{prefix}-{turn}", random.randint(50, 500))
            break
        except Exception:
            again += 1
print(again)
"""


def counting(project: Project) -> Mapping[str, Edit]:
    """The commit that has these tasks."""
    before = project.revision()
    number = f"{int(before) + 1:04}"
    return {
        f"migrations/versions/{number}_counting.py": MIGRATION.format(number=number, before=before),
        "webapp/tasks.py": lambda old: old + TASKS,
        "tests/test_health.py": lambda old: old.replace(f'"schema": "{before}"', f'"schema": "{number}"'),
    }


def publish(host: Host, prefix: str, number: int, rate: float) -> int:
    """As the app does it on this host; how often it had to try again."""
    launcher = f"/usr/bin/python3 -I /usr/local/lib/slipway/launch.py blog exec {inside.live(host)}"
    who = "setpriv --reuid app-blog --regid app-blog --init-groups"
    return int(inside.sh(host, f"{who} {launcher} python - {prefix} {number} {rate} <<'CODE'\n{PUBLISH}\nCODE"))


@dataclass(frozen=True)
class Counted:
    """Tasks that have left their row, and how often one has come to its end."""

    rows: int
    ended: int


def counted(database: Host, prefix: str) -> Counted:
    query = f"select count(*), coalesce(sum(deliveries), 0) from counted where key like '{prefix}-%'"
    rows, deliveries = sql(database, query).split("|")
    return Counted(int(rows), int(deliveries))


def delivered_again(workers: Sequence[Host]) -> int:
    """How often a worker has received a task that another one, or itself, had received before."""
    found = received(workers)
    return len(found) - len(set(found))


def received(workers: Sequence[Host]) -> list[str]:
    """What these hosts have received, as their logs have it."""
    asked = "cat /var/log/slipway/blog/celery-*.log* | grep -o 'tasks.count.[^ ]* received' || true"
    return [line for host in workers for line in inside.sh(host, asked).splitlines()]


def sql(database: Host, query: str) -> str:
    return inside.sh(database, f'runuser -u postgres -- psql -XAtq -d blog -c "{query}"')


def beat_at(database: Host) -> str:
    """The host that has the lock."""
    held = "from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and granted"
    return sql(database, f"select split_part(application_name, '@', 2) {held} and application_name like 'beat@%'")


def late_ticks(workers: Sequence[Host], since: str, every: float) -> list[str]:
    """Ticks sent later than they were due, or than who sent them began to be beat: where the last one stopped, the next
    one goes on. As the logs of beat have it, whose times sort as text."""
    asked = "cat /var/log/slipway/blog/beat-*.log* | grep -e 'beat: Starting' -e 'Sending due task tick'"
    said = sorted(line for host in workers for line in inside.sh(host, asked).splitlines() if line > f"[{since}")
    late: list[str] = []
    due: datetime | None = None
    for line in said:
        at = datetime.fromisoformat(line[1:24].replace(",", "."))
        if "Starting" in line:
            due = due and max(due, at)
            continue
        if due and at > due + timedelta(seconds=every / 2):
            late.append(f"due at {due}: {line}")
        due = at + timedelta(seconds=every)
    return late
