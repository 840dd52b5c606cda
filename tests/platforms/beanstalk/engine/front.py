# SPDX-License-Identifier: GPL-3.0-or-later
"""The address of an environment: a port that hands connections on to whichever instance serves.

On the platform this is a load balancer and an nginx, which add headers; here bytes go through as they are.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer

NOBODY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Handler(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self.server.front.target), timeout=10) as behind:
                behind.settimeout(None)
                back = threading.Thread(target=_pour, args=(behind, self.connection), daemon=True)
                back.start()
                _pour(self.connection, behind)
                back.join()
        except OSError:
            with contextlib.suppress(OSError):
                self.connection.sendall(NOBODY)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class _Server(ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True
    front: Front


class Front:
    """`target` is the port of the instance that serves; 0 for none."""

    def __init__(self, port: int) -> None:
        self.port, self.target = port, 0
        self._server = _Server(("0.0.0.0", port), _Handler)
        self._server.front = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
