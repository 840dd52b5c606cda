#!/usr/bin/python3 -I
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have the supervisord of an app take over which programs in the background there are, while its servers go on.

    adjust.py APP

Those that are new begin, those that are gone or defined otherwise end first, each with the time that it was given. A
server's definition is not touched: taking that over means a restart of everything. Where supervisord does not run there
is nothing to do, for it reads everything when it starts.
"""

from __future__ import annotations

import http.client
import json
import socket
import sys
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

ENDED = ("STOPPED", "EXITED", "FATAL", "UNKNOWN")
PAUSE_SECONDS = 0.1


class Connection(http.client.HTTPConnection):
    """HTTP over a socket in the file system; its path is the host."""

    def connect(self) -> None:
        connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connecting.connect(self.host)
        except OSError:
            connecting.close()
            raise
        self.sock = connecting


class Transport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: object) -> Connection:
        return Connection(self._path)


def main(app: str) -> None:
    proxy = xmlrpc.client.ServerProxy("http://localhost", transport=Transport(f"/run/slipway/{app}/supervisor.sock"))
    supervisor: Any = proxy.supervisor
    try:
        ((added, changed, removed),) = supervisor.reloadConfig()
    except (FileNotFoundError, ConnectionRefusedError):
        return
    servers = servers_of(Path("/etc/slipway", app, "programs"))
    for name in sorted({*changed, *removed} - servers):
        end(supervisor, name)
        supervisor.removeProcessGroup(name)
    for name in sorted({*added, *changed} - servers):
        supervisor.addProcessGroup(name)


def servers_of(folder: Path) -> set[str]:
    """Groups that visitors are served by, and their trials."""
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    names = [row["name"] for row in rows if not row["background"]]
    return {*names, *(f"trial-{name}" for name in names)}


def end(supervisor: Any, group: str) -> None:
    """supervisord kills what has not ended in time. Asked to wait for it, it would take a whole core meanwhile."""
    supervisor.stopProcessGroup(group, False)
    while any(row["group"] == group and row["statename"] not in ENDED for row in supervisor.getAllProcessInfo()):
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
