# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""supervisord of one app, spoken to over its socket."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import time
import xmlrpc.client
from pathlib import Path, PurePath
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import LONGEST_STOP_SECONDS
from ansible_collections.slipway.flask.plugins.module_utils._host.command import until_end

NOT_RUNNING = 70
ALREADY_STARTED = 60
STOPPING, EXITED = "STOPPING", "EXITED"
# nobody starts it again from there
STOPPED = ("STOPPED", "FATAL", "UNKNOWN")
# what ended by itself is started again within a second, if it is to be
RESPAWN_SECONDS = 2.0
STOP_SECONDS = LONGEST_STOP_SECONDS + 60
STOP_PAUSE = 0.05


class UnixConnection(http.client.HTTPConnection):
    """An HTTP connection to a socket in the file system."""

    def __init__(self, path: PurePath, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: PurePath) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return UnixConnection(self._path, timeout=300)


class Supervisor:
    """The calls a release needs. A stopped supervisord is an error that says where to look."""

    def __init__(self, name: str, path: PurePath) -> None:
        self._name = name
        self._proxy: Any = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(path)).supervisor

    def processes(self) -> dict[str, dict[str, Any]]:
        """Every process by its full name (`web:1`) with supervisord's own words about it."""
        rows = self._call("getAllProcessInfo")
        return {f"{row['group']}:{row['name']}": row for row in rows}

    def process(self, process: str) -> dict[str, Any]:
        info: dict[str, Any] = self._call("getProcessInfo", process)
        return info

    def start(self, process: str) -> None:
        """Begin; whether it comes up is asked afterwards."""
        try:
            self._call("startProcess", process, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != ALREADY_STARTED:
                raise SlipwayError(f"supervisord cannot start {process}: {fault.faultString}") from fault

    def end(self, process: str) -> None:
        """Ask a process to end; supervisord kills it after its stopwaitsecs."""
        try:
            self._call("stopProcess", process, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != NOT_RUNNING:
                raise SlipwayError(f"supervisord cannot stop {process}: {fault.faultString}") from fault

    def stop(self, process: str, wake: str = "") -> None:
        """Ask a process to end and wait for it.

        The waiting is done here: asked to wait, supervisord takes a whole core until the process has ended.
        `wake` is the name of a signal for one that has no child left, and would notice that a second later.
        """
        self.end(process)
        deadline, ended = time.monotonic() + STOP_SECONDS, None
        while (found := self.process(process))["statename"] not in STOPPED:
            now = time.monotonic()
            if found["statename"] == EXITED:
                # between two lives, of one that ends by itself again and again, it hears nothing
                ended = ended or now
                if now - ended > RESPAWN_SECONDS:
                    return
            elif found["statename"] != STOPPING:
                ended = None
                self.end(process)
            if now > deadline:
                raise SlipwayError(f"{process} has not ended within {STOP_SECONDS} s, though it was told to.")
            children = _children(found["pid"]) if wake else []
            if wake and children == []:
                _signal(found["pid"], signal.Signals[wake])
            _rest(children or [found["pid"]])

    def _call(self, method: str, *arguments: object) -> Any:
        try:
            return getattr(self._proxy, method)(*arguments)
        except (OSError, http.client.HTTPException) as error:
            raise SlipwayError(
                f"supervisord of {self._name} does not answer ({error}). See: systemctl status slipway-{self._name}"
            ) from error


def _children(pid: int) -> list[int] | None:
    """None for a process that has ended, or when this kernel does not tell."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return None


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _rest(pids: list[int]) -> None:
    """Until all of them have ended, and STOP_PAUSE at most; so long, too, where none can be waited for."""
    deadline = time.monotonic() + STOP_PAUSE
    if not all(until_end(pid, deadline - time.monotonic()) for pid in pids):
        time.sleep(STOP_PAUSE)


def environment_of(pid: int) -> dict[str, str]:
    """The environment a process was started with; empty when it is gone."""
    try:
        raw = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (item.partition(b"=") for item in raw.split(b"\0") if b"=" in item)
    return {key.decode(errors="replace"): value.decode(errors="replace") for key, _, value in pairs}
