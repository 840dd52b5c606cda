#!/usr/bin/python3 -I
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one command in the live release of an app, as root's hand-over to the app's user, and write down that it ran.

    run.py [--by WHO] APP COMMAND    at a terminal, which the command gets
    run.py --by WHO APP              the command comes as a line of JSON on standard input. The end of that input ends
                                     the command: whoever asked for it is gone. The last line of standard error is JSON

The record, /var/lib/slipway/APP/runs.jsonl, is only ever added to. Values of the app's environment that stand in the
command are written there as the names of their variables.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import NoReturn

LAUNCHER = "/usr/local/lib/slipway/launch.py"
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
ENDS = (signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 5.0
SHORTEST_SECRET = 4
MOST_OF_A_COMMAND = 2000


class Ended(Exception):
    """We are told to end."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Run one command in the live release of an app.")
    parser.add_argument("--by", default=os.environ.get("SUDO_USER") or "root")
    parser.add_argument("app")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    app, activation = live(asked.app)
    at_terminal = bool(asked.command)
    command = " ".join(asked.command) if at_terminal else given()
    at, begun = datetime.now(UTC), time.monotonic()
    status = run(app, activation, command, at_terminal)
    row = {
        "at": at.isoformat(timespec="seconds"),
        "by": asked.by,
        "command": masked(command, load(f"{app['root']}/activations/{activation}/environment.json")),
        "release": activation.rpartition(".")[0],
        "status": status,
        "seconds": round(time.monotonic() - begun, 1),
    }
    write_down(app["name"], row)
    if not at_terminal:
        # on a line of its own, also behind a prompt of sudo
        print(f"\n{json.dumps(row)}", file=sys.stderr)
    return status


def live(name: str) -> tuple[dict, str]:
    """The app and its activation that serves now."""
    try:
        app = load(f"/etc/slipway/{name}/app.json")
    except FileNotFoundError:
        refuse(f"This host is not set up for {name}. Type: ansible-playbook slipway.flask.site -i INVENTORY")
    try:
        return app, os.path.basename(os.readlink(f"{app['root']}/current"))
    except FileNotFoundError:
        refuse(f"{name} has no release on this host yet. Type: ansible-playbook slipway.flask.deploy -i INVENTORY")


def given() -> str:
    """The command. Lines before it were meant for sudo, which did not ask."""
    line = next((line for line in sys.stdin.buffer if line.startswith(b'{"command":')), b"")
    return json.loads(line)["command"] if line else refuse("No command came.")


def run(app: dict, activation: str, command: str, at_terminal: bool) -> int:
    """Run it to its end, or end it when we are told to; what it leaves behind in its group is killed. Its status."""
    process = subprocess.Popen(
        [*within(app), "/usr/bin/python3", "-I", LAUNCHER, app["name"], "exec", activation, "sh", "-c", command],
        stdin=None if at_terminal else subprocess.DEVNULL,
        stderr=None if at_terminal else subprocess.STDOUT,
        env={"PATH": "/usr/bin", "TERM": os.environ.get("TERM", "dumb")},
        cwd="/",
        start_new_session=not at_terminal,
    )
    # at a terminal Ctrl-C is the command's own
    signal.signal(signal.SIGINT, lambda *_: None)
    status = process.wait() if at_terminal else until_end(process)
    return status if status >= 0 else 128 - status


def within(app: dict) -> list[str]:
    """The command's beginning: as the app's user, in what its programs see of the disk."""
    try:
        with open(f"/run/slipway/{app['name']}/supervisord.pid", encoding="ascii") as stream:
            master = stream.read().strip()
    except FileNotFoundError:
        refuse(f"The programs of {app['name']} do not run. See: systemctl status slipway-{app['name']}")
    identity = ["setpriv", "--reuid", app["user"], "--regid", app["user"], "--init-groups"]
    return ["nsenter", "--target", master, "--mount", "--", *identity]


def until_end(process: subprocess.Popen) -> int:
    for sign in ENDS:
        signal.signal(sign, end)
    waiting = select.poll()
    waiting.register(os.pidfd_open(process.pid), select.POLLIN)
    waiting.register(sys.stdin, select.POLLIN)
    try:
        while process.poll() is None:
            if sys.stdin.fileno() in dict(waiting.poll()) and not os.read(sys.stdin.fileno(), 4096):
                raise Ended
    except Ended:
        stop(process)
    signal_group(process, signal.SIGKILL)
    return process.wait()


def end(*_: object) -> NoReturn:
    raise Ended


def stop(process: subprocess.Popen) -> None:
    """As Ctrl-C would, then harder."""
    for sign in ENDS:
        signal.signal(sign, lambda *_: None)
    for sign in STOPS:
        signal_group(process, sign)
        try:
            process.wait(GRACE_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


def signal_group(process: subprocess.Popen, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, sign)


def masked(command: str, environment: dict[str, str]) -> str:
    for name, value in sorted(environment.items(), key=lambda pair: -len(pair[1])):
        if len(value) >= SHORTEST_SECRET:
            command = command.replace(value, f"${name}")
    return command[:MOST_OF_A_COMMAND]


def write_down(name: str, row: dict) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    record = os.open(f"/var/lib/slipway/{name}/runs.jsonl", flags, 0o600)
    os.write(record, json.dumps(row, ensure_ascii=False).encode() + b"\n")
    os.fsync(record)
    os.close(record)


def refuse(why: str) -> NoReturn:
    sys.exit(why)


def load(path: str) -> dict:
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)


if __name__ == "__main__":
    sys.exit(main())
