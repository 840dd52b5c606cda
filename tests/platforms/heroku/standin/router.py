# SPDX-License-Identifier: GPL-3.0-or-later
"""The router of one app, on a port of its own: a request goes to a live web dyno, or waits while one is starting."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import threading
import time

from .world import App

HOLD_SECONDS = 30.0
ERROR = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}"
)


class Router:
    def __init__(self, app: App) -> None:
        self.app = app
        self._socket = socket.create_server(("0.0.0.0", app.port), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, address = self._socket.accept()
                threading.Thread(target=self._serve, args=(visitor, address[0]), daemon=True).start()

    def _serve(self, visitor: socket.socket, address: str) -> None:
        with visitor, contextlib.suppress(OSError):
            head, rest = _head(visitor)
            if not head:
                return
            dyno = None if self.app.maintenance else self._dyno()
            if dyno is None:
                code, why = ("H80", "Maintenance mode") if self.app.maintenance else self._reason()
                request = head.split("\r\n")[0]
                self.app.log.add(
                    "heroku", "router", f'at=error code={code} desc="{why}" request="{request}" status=503'
                )
                page = f"<html><head><title>Application Error</title></head><body>{why}</body></html>"
                visitor.sendall(ERROR.format(len(page), page).encode())
                return
            with dyno:
                dyno.sendall(self._told(head, address).encode("latin-1") + rest)
                threading.Thread(target=_pour, args=(visitor, dyno), daemon=True).start()
                _pour(dyno, visitor)

    def _dyno(self) -> socket.socket | None:
        """A connection to a live one; a request waits while one is starting."""
        deadline = time.monotonic() + HOLD_SECONDS
        while True:
            webs = [dyno for dyno in list(self.app.dynos) if dyno.kind == "web"]
            for dyno in random.sample(webs, len(webs)):
                if dyno.state == "up":
                    with contextlib.suppress(OSError):
                        return socket.create_connection(("127.0.0.1", dyno.port), timeout=30)
            if not any(dyno.state == "starting" for dyno in webs) or time.monotonic() > deadline:
                return None
            time.sleep(0.05)

    def _reason(self) -> tuple[str, str]:
        webs = [dyno for dyno in list(self.app.dynos) if dyno.kind == "web"]
        return ("H10", "App crashed") if webs else ("H14", "No web processes running")

    def _told(self, head: str, address: str) -> str:
        """What the platform's router tells a dyno of the visitor; one request a connection."""
        lines = [line for line in head.split("\r\n") if not re.match(r"(?i)(connection|x-forwarded-\w+):", line)]
        own = (f"X-Forwarded-For: {address}", "X-Forwarded-Proto: http", f"X-Forwarded-Port: {self.app.port}")
        return "\r\n".join([*lines, *own, "Connection: close", "Via: 1.1 heroku-router", "", ""])


def _head(visitor: socket.socket) -> tuple[str, bytes]:
    """Request line and headers, and what came of the body with them."""
    visitor.settimeout(30)
    read = b""
    while b"\r\n\r\n" not in read:
        more = visitor.recv(65536)
        if not more:
            return "", b""
        read += more
    head, _blank, rest = read.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while more := source.recv(65536):
            target.sendall(more)
        target.shutdown(socket.SHUT_WR)
