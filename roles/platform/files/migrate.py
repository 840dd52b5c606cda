#!/usr/bin/env python3
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the database to what this release needs: Heroku's release phase, and Elastic Beanstalk's leader, run it.

    lock.py --wait 600 migrate python migrate.py

A platform runs it for every release, also when somebody goes back to an older one. Then the database knows more than
the code, and stays as it is. What is run once in the life of the app is remembered in the database, which is all that
lasts there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import lock

HERE = os.path.dirname(os.path.realpath(__file__))
MAKE = "create schema if not exists slipway; create table if not exists slipway.markers (name text primary key)"
DONE = "select 1 from slipway.markers where name = %s"
MARK = "insert into slipway.markers (name) values (%s) on conflict do nothing"


def main() -> int:
    with open(os.path.join(HERE, "migrate.json"), encoding="utf-8") as file:
        told = json.load(file)
    at = where() if told["revisions"] else set()
    strange = sorted(at - set(told["revisions"]))
    if strange:
        say(f"the database is at {', '.join(strange)}, which this release does not know, and stays as it is")
        return 0
    dropping = pending_drops(told["revisions"], at)
    if dropping and not told["destructive"]:
        say(f"migrations of this release take something away for good: {'; '.join(dropping)}. When nothing uses it")
        say("any more, write app_migrate_destructive: true for this deploy")
        return 1
    return initialise(told["init"]) or run(told["migrate"])


def where() -> set[str]:
    """The revisions that the database is at; none when it is new, or cannot be asked."""
    asked = subprocess.run([sys.executable, os.path.join(HERE, "where.py")], stdout=subprocess.PIPE, check=False)
    lines = asked.stdout.decode().splitlines()
    return set(json.loads(lines[-1])["at"]) if asked.returncode == 0 and lines else set()


def pending_drops(revisions: dict[str, Any], at: set[str]) -> list[str]:
    """Where nothing has been migrated yet, there is nothing to lose."""
    if not at:
        return []
    done = at.union(*(revisions[name]["after"] for name in at))
    return [one["text"] for name, one in revisions.items() if name not in done and one["drops"]]


def initialise(commands: list[str]) -> int:
    """Each command once in the life of the app."""
    connection = database() if commands else None
    for number, command in enumerate(commands):
        name = f"init {number}"
        if connection and fetched(connection, DONE, name):
            continue
        if status := run([command]):
            return status
        if connection:
            connection.cursor().execute(MARK, (name,))
    return 0


def database() -> Any:
    """Where it is remembered what was run; None without PostgreSQL."""
    driver, url = lock.choose_driver(), os.environ.get("DATABASE_URL", "")
    if driver is None or not url.startswith("postgres"):
        return None
    connection = lock.connect(driver, url, "init")
    connection.cursor().execute(MAKE)
    return connection


def fetched(connection: Any, query: str, name: str) -> bool:
    cursor = connection.cursor()
    cursor.execute(query, (name,))
    return cursor.fetchone() is not None


def run(commands: list[str]) -> int:
    for command in commands:
        say(command)
        if status := subprocess.run(["sh", "-c", command], check=False).returncode:
            say(f"{command} failed with status {status}")
            return status
    return 0


def say(text: str) -> None:
    print(f"slipway: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
