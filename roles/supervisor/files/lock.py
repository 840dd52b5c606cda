#!/usr/bin/env python3
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command while nobody else does: a lock in the app's PostgreSQL lets one host at a time.

    lock.py [--wait SECONDS] NAME COMMAND...

Waits for the lock NAME (for ever, or at most so long), runs the command and gives the lock back when it has ended. When
the lock is lost, because the database has gone or does not answer, the command is ended: another host may have it by
then. Runs with the application's Python, for its driver, psycopg or psycopg2. Without PostgreSQL in DATABASE_URL there
is nobody to share with, and the command simply runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import select
import signal
import socket
import subprocess
import sys
import zlib
from typing import Any, NoReturn

DRIVERS = ("psycopg", "psycopg2")
# How often the database is asked whether it still knows us, and how long it has to say so. Its own patience with a
# client that is gone is longer than both together, so that two never believe that they have the lock.
ASK_SECONDS, ANSWER_SECONDS, FORGET_SECONDS = 5.0, 5, 20
GRACE_SECONDS = 10.0
# of all locks of a database, ours
FAMILY = zlib.crc32(b"slipway.flask") & 0x7FFFFFFF


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a command while nobody else does.")
    parser.add_argument("--wait", type=float, default=0)
    parser.add_argument("name")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    here = os.path.join(os.path.dirname(os.path.realpath(__file__)), "beat")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), here]))
    if not url.startswith(("postgresql", "postgres:")):
        os.execvp(asked.command[0], asked.command)
    driver = choose_driver()
    if driver is None:
        print(f"slipway: no {' or '.join(DRIVERS)} to lock {asked.name} with, so it runs without", flush=True)
        os.execvp(asked.command[0], asked.command)
    connection = connect(driver, url, asked.name)
    take(driver, connection, asked.name, asked.wait)
    return hold(connection, asked.command)


def choose_driver() -> Any:
    for name in DRIVERS:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def connect(driver: Any, url: str, name: str) -> Any:
    """A session of our own, which both sides give up soon when the other is gone."""
    scheme, _, rest = url.partition("://")
    try:
        connection = driver.connect(f"postgresql://{rest}" if "+" in scheme else url, **patience(name))
    except driver.OperationalError as error:
        sys.exit(f"slipway: the database cannot be asked for the lock {name}: {str(error).strip()}")
    connection.autocommit = True
    return connection


def patience(name: str) -> dict[str, Any]:
    third = FORGET_SECONDS // 4
    theirs = f"-c tcp_keepalives_idle={third} -c tcp_keepalives_interval={third} -c tcp_keepalives_count=3"
    return {
        "connect_timeout": ANSWER_SECONDS,
        "application_name": f"{name}@{socket.gethostname()}",
        "keepalives_idle": third,
        "keepalives_interval": third,
        "keepalives_count": 2,
        "tcp_user_timeout": ANSWER_SECONDS * 1000,
        "options": f"{theirs} -c tcp_user_timeout={FORGET_SECONDS * 1000}",
    }


def take(driver: Any, connection: Any, name: str, wait: float) -> None:
    """The database wakes us when it is our turn."""
    cursor = connection.cursor()
    try:
        cursor.execute(f"set lock_timeout = {int(wait * 1000)}")
        cursor.execute("select pg_advisory_lock(%s, %s)", (FAMILY, zlib.crc32(name.encode()) & 0x7FFFFFFF))
    except driver.Error as error:
        sys.exit(f"slipway: the lock {name} was not to be had within {wait:g} s: {str(error).strip()}")


def hold(connection: Any, command: list[str]) -> int:
    """Until the command has ended, or we are told to end, or the lock is lost. The command's status."""
    process = subprocess.Popen(command)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: process.send_signal(number))
    waiting = select.poll()
    waiting.register(os.pidfd_open(process.pid), select.POLLIN)
    waiting.register(connection.fileno(), select.POLLIN)
    while process.poll() is None:
        waiting.poll(ASK_SECONDS * 1000)
        if process.poll() is None and not still_known(connection):
            end(process)
    status = process.returncode
    return status if status >= 0 else 128 - status


def still_known(connection: Any) -> bool:
    try:
        connection.cursor().execute("select 1")
    except Exception as error:
        print(f"slipway: the lock is lost: {str(error).strip()}", flush=True)
        return False
    return True


def end(process: subprocess.Popen[bytes]) -> NoReturn:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
