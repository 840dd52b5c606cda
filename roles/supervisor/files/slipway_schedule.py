# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Celery's schedule, kept where every host finds it: in the app's PostgreSQL, in a schema of our own.

    celery -A APP beat --scheduler=slipway_schedule:Schedule

A tick is written down before it is sent, and only by who knew the one before. So no tick comes twice, whoever else
believes that it is his; one that was written down and not sent, since its host crashed in between, is missed. A new
host goes on where the last one stopped: what became due meanwhile is sent once. Its number travels with the task, in
`self.request.headers["slipway_tick"]`.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from celery.beat import ScheduleEntry, Scheduler

try:
    import psycopg as driver
except ImportError:
    import psycopg2 as driver

MAKE = """
create schema if not exists slipway;
create table if not exists slipway.ticks (
  name text primary key, at timestamp with time zone not null, count integer not null
)
"""
FIRST = "insert into slipway.ticks (name, at, count) values (%s, %s, 0) on conflict (name) do nothing"
NEXT = "update slipway.ticks set at = %s, count = count + 1 where name = %s and count = %s"


class Schedule(Scheduler):
    """Entries come from the app's `beat_schedule`; when they were sent last, and how often, from the database."""

    def setup_schedule(self) -> None:
        scheme, _, rest = os.environ["DATABASE_URL"].partition("://")
        url = f"postgresql://{rest}" if "+" in scheme else f"{scheme}://{rest}"
        self._connection = driver.connect(url, connect_timeout=10)
        self._connection.autocommit = True
        self._execute(MAKE)
        self.merge_inplace(self.app.conf.beat_schedule)
        self.install_default_entries(self.schedule)
        for name, entry in self.schedule.items():
            self._execute(FIRST, (name, entry.last_run_at))
        for name, at, count in self._execute("select name, at, count from slipway.ticks").fetchall():
            if name in self.schedule:
                self.schedule[name].last_run_at = self._as_celery_has_it(at)
                self.schedule[name].total_run_count = count

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        number = entry.total_run_count
        if not self._execute(NEXT, (self.app.now(), entry.name, number)).rowcount:
            raise SystemExit(f"slipway: somebody else has sent {entry.name}; this beat ends")
        headers = {**entry.options.get("headers", {}), "slipway_tick": number}
        entry.options = {**entry.options, "headers": headers}
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def close(self) -> None:
        super().close()
        self._connection.close()

    def _as_celery_has_it(self, at: datetime) -> datetime:
        return at.astimezone(self.app.timezone)

    def _execute(self, statement: str, values: tuple[object, ...] = ()) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(statement, values or None)
        return cursor
