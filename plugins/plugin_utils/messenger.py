# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry one notice to its targets, as a process of its own: nobody waits for it, and it never takes long.

Standard input is JSON: `targets`, `notice`, `headline`. What goes wrong is printed, a line each. It is run by its path
and imports the standard library alone.
"""

from __future__ import annotations

import contextlib
import getpass
import http.client
import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any

SECONDS = 5.0  # for all targets together
GRACE = 0.5
KEPT = 200
SILENT = f"did not answer within {SECONDS:.0f} s"

Order = Mapping[str, Any]


def main() -> None:
    """Ask all targets at once. A thread that has not ended in time ends with the process."""
    order = json.load(sys.stdin)
    ways: dict[str, Callable[[Order], None]] = {"webhook": webhook, "command": command, "mail": mail}
    said = {name: SILENT for name in ways if order["targets"].get(name)}
    threads = [threading.Thread(target=attempt, args=(said, name, ways[name], order), daemon=True) for name in said]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SECONDS + GRACE
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    print("".join(f"notify_{name} {problem}\n" for name, problem in said.items() if problem), end="", flush=True)
    os._exit(0)


def attempt(said: dict[str, str], name: str, way: Callable[[Order], None], order: Order) -> None:
    begun = time.monotonic()
    try:
        way(order)
        said[name] = ""
    except Exception as error:
        said[name] = SILENT if time.monotonic() - begun >= SECONDS else complaint(error)


def webhook(order: Order) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": "slipway.flask"}
    data = json.dumps(order["notice"]).encode()
    request = urllib.request.Request(order["targets"]["webhook"], data=data, headers=headers)
    urllib.request.urlopen(request, timeout=SECONDS).close()


def command(order: Order) -> None:
    """The group goes with the command: what it started must not outlive it."""
    process = subprocess.Popen(
        order["targets"]["command"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, complained = process.communicate(json.dumps(order["notice"]).encode(), timeout=SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        raise RuntimeError(f"exit status {process.returncode} {complained.decode(errors='replace').strip()}")


def mail(order: Order) -> None:
    target = order["targets"]["mail"]
    message = EmailMessage()
    message["Subject"] = order["headline"]
    message["From"] = target.get("from") or f"{getpass.getuser()}@{socket.getfqdn()}"
    message["To"] = ", ".join(target["to"])
    message.set_content(json.dumps(order["notice"], indent=1))
    host, _, port = target["server"].partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=SECONDS) as server:
        server.send_message(message)


def complaint(error: Exception) -> str:
    """What went wrong; never the address, which some exceptions quote."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, urllib.error.HTTPError):
        return f"answers {error.code} {error.reason}"
    if isinstance(cause, (http.client.HTTPException, ValueError)):
        return f"fails: {type(cause).__name__}"
    return f"fails: {' '.join(str(cause).split())[:KEPT]}"


if __name__ == "__main__":
    main()
