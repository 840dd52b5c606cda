#!/usr/bin/python3
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A slot served by gevent: one process, one greenlet a connection.

python slipway_gevent.py OPTIONS.json
"""

from __future__ import annotations

# before anything else is imported, or it would keep the blocking parts of the standard library
from gevent import monkey

monkey.patch_all()

import importlib.util
import os
import select
import socket
import sys
import time
from typing import Any

import gevent
import gevent.signal
from gevent import pywsgi
from gevent.event import Event
from gevent.pool import Pool
from whitenoise import WhiteNoise

import slipway_serve as serve


class Handler(pywsgi.WSGIHandler):
    """One connection."""

    def read_requestline(self) -> str:
        self.server.idle.add(self)
        try:
            return super().read_requestline()
        finally:
            self.server.idle.discard(self)

    def run_application(self) -> None:
        limit = self.server.request_seconds
        with gevent.Timeout(limit, TimeoutError(f"The request took longer than {limit} s.")):
            super().run_application()

    def finalize_headers(self) -> None:
        super().finalize_headers()
        if self.server.draining:
            others = [header for header in self.response_headers if header[0].lower() != b"connection"]
            self.response_headers = [*others, (b"Connection", b"close")]
            self.close_connection = True

    def format_request(self) -> str:
        address = self.client_address[0] if isinstance(self.client_address, tuple) else "-"
        status = (self._orig_status or self.status or "000").split()[0]
        seconds = (self.time_finish or time.time()) - self.time_start
        return serve.access(address, self.requestline, status, self.response_length, self.headers or {}, seconds)

    def log_request(self) -> None:
        self.server.log.write(self.format_request())


class Files(WhiteNoise):
    """Files of the release are known from the start on, those in a folder that outlives releases are looked for."""

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        if not serve.hidden(url) and os.path.realpath(path).startswith(os.environ["SLIPWAY_SOURCE"] + os.sep):
            super().add_file_to_dictionary(url, path, stat_cache)

    def find_file(self, url: str) -> Any:
        return None if serve.hidden(url) else super().find_file(url)


def files_before(app: serve.Wsgi, given: serve.Options) -> serve.Wsgi:
    looked_for = Files(app, max_age=serve.FILE_SECONDS, autorefresh=True)
    known = Files(looked_for, max_age=serve.FILE_SECONDS)
    for prefix, folder in given.static.items():
        looked_for.add_files(folder, prefix)
        if os.path.isdir(folder):
            known.add_files(folder, prefix)
    return known if given.static else app


class Server(pywsgi.WSGIServer):
    draining = False

    def __init__(self, listener: socket.socket, app: serve.Wsgi, given: serve.Options, log: Any) -> None:
        super().__init__(
            listener,
            app,
            spawn=Pool(given.connections),
            handler_class=Handler,
            log=log,
            environ={"wsgi.multiprocess": True},
        )
        self.idle: set[Handler] = set()
        self.request_seconds = given.request_seconds

    def handle(self, sock: socket.socket, address: Any) -> None:
        sock.settimeout(serve.QUIET_SECONDS)
        super().handle(sock, address)

    def drain(self, seconds: float) -> None:
        """Accept nobody, answer everybody once more, then close what is not in use."""
        self.draining = True
        self.close()
        self.pool.join(serve.IDLE_SECONDS)
        for handler in list(self.idle):
            if not select.select([handler.socket], [], [], 0)[0]:
                handler.socket.shutdown(socket.SHUT_RDWR)
        self.pool.join(seconds - serve.IDLE_SECONDS)


def main() -> None:
    given = serve.options()
    if importlib.util.find_spec("psycopg2"):
        from psycogreen.gevent import patch_psycopg

        patch_psycopg()
    app = serve.application()
    told = Event()
    for sign in serve.STOPS:
        gevent.signal_handler(sign, told.set)
    site = files_before(serve.fronted(app, given), given)
    visitors = Server(serve.public(), site, given, sys.stdout)
    alone = Server(serve.private(), app, given, None)
    visitors.start()
    alone.start()
    gevent.spawn(keep_beating, given)
    told.wait()
    alone.close()
    visitors.drain(given.stop_seconds)
    serve.leave()


def keep_beating(given: serve.Options) -> None:
    while True:
        serve.beat(given)
        gevent.sleep(serve.HEARTBEAT_SECONDS)


if __name__ == "__main__":
    main()
