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

import contextlib
import importlib.util
import select
import socket
import time
from typing import Any

import gevent
import gevent.signal
from gevent import pywsgi
from gevent.event import Event
from gevent.pool import Pool
from whitenoise import WhiteNoise
from whitenoise.responders import MissingFileError

import slipway_serve as serve

# A timer, however short, is over only after a look at all connections. Without it, whose next request is there already
# would be answered again at once, and everybody else of the slot would wait.
AFTER_THE_OTHERS = 1e-9


class TooLong(BaseException):
    """Not to be taken for an error of the network, which an application may try again."""


class Handler(pywsgi.WSGIHandler):
    """One connection. It is idle until the head of a request is there."""

    limit: gevent.Timeout | None = None

    def handle(self) -> None:
        try:
            super().handle()
        finally:
            self.server.idle.pop(self, None)

    def read_requestline(self) -> str:
        self.server.idle[self] = time.monotonic()
        gevent.sleep(AFTER_THE_OTHERS)
        return super().read_requestline()

    def get_environ(self) -> dict[str, Any]:
        self.server.idle.pop(self, None)
        return super().get_environ()

    def run_application(self) -> None:
        limit = self.server.request_seconds
        with gevent.Timeout(limit, TooLong(f"The request took longer than {limit} s.")) as self.limit:
            super().run_application()

    def finalize_headers(self) -> None:
        if self.limit:
            self.limit.cancel()  # how long an answer takes on its way is the visitor's affair
        super().finalize_headers()
        if self.server.draining:
            others = [header for header in self.response_headers if header[0].lower() != b"connection"]
            self.response_headers = [*others, (b"Connection", b"close")]
            self.close_connection = True
        if self.code == 413:
            # however much more there is to come, nobody reads it
            self.wsgi_input.content_length = self.wsgi_input.position

    def format_request(self) -> str:
        address = self.client_address[0] if isinstance(self.client_address, tuple) else "-"
        status = (self._orig_status or self.status or "000").split()[0]
        seconds = (self.time_finish or time.time()) - self.time_start
        return serve.access(address, self.requestline, status, self.response_length, self.headers or {}, seconds)

    def log_request(self) -> None:
        self.server.log.write(self.format_request())


class Files(WhiteNoise):
    """Static files, looked for when they are asked for. What lies in the release never changes and is remembered."""

    def __init__(self, app: serve.Wsgi, given: serve.Options) -> None:
        super().__init__(app, max_age=serve.FILE_SECONDS, autorefresh=True, allow_all_origins=False)
        self._source, self._shared = given.source, given.shared
        self._known: dict[str, Any] = {}
        for prefix, folder in given.static.items():
            self.add_files(folder, prefix)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        serve_file = super().__call__ if environ["REQUEST_METHOD"] in ("GET", "HEAD") else self.application
        return serve_file(environ, start_response)

    def find_file(self, url: str) -> Any:
        return self._known.get(url) or (None if serve.hidden(url) else super().find_file(url))

    def find_file_at_path(self, path: str, url: str) -> Any:
        if not serve.servable(path, self._source, self._shared):
            raise MissingFileError(path)
        found = super().find_file_at_path(path, url)
        if serve.servable(path, self._source) and not serve.servable(path, self._shared):
            self._known[url] = found
        return found


class Server(pywsgi.WSGIServer):
    draining = False

    def __init__(self, listener: socket.socket, app: serve.Wsgi, given: serve.Options, log: Any) -> None:
        super().__init__(
            listener,
            app,
            spawn=Pool(given.connections),
            handler_class=Handler,
            log=log,
            # the name is said, or it would be asked of the DNS before anybody is served
            environ={"wsgi.multiprocess": True, "SERVER_NAME": "localhost"},
        )
        self.idle: dict[Handler, float] = {}  # since when
        self.request_seconds = given.request_seconds

    def handle(self, sock: socket.socket, address: Any) -> None:
        sock.settimeout(serve.QUIET_SECONDS)
        super().handle(sock, address)

    def drain(self, seconds: float) -> None:
        """Accept nobody, answer everybody once more, then close what is not in use."""
        self.draining = True
        self.close()
        begun = time.monotonic()
        while self.pool and time.monotonic() < begun + seconds:
            self.pool.join(serve.SWEEP_SECONDS)
            self.close_idle(serve.IDLE_SECONDS, begun)

    def close_idle(self, seconds: float, begun: float = 0.0) -> None:
        """Close what has been idle for so long since `begun`. Nothing else runs meanwhile."""
        last = time.monotonic() - seconds
        for handler, since in list(self.idle.items()):
            sock = handler.__dict__.get("socket")  # none, once it has ended
            if sock and max(since, begun) < last and not (begun and _asks(sock)):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


def _asks(sock: socket.socket) -> bool:
    """Whether a request has come that nobody has read yet."""
    poll = monkey.get_original("select", "poll")()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def main() -> None:
    given = serve.options()
    if importlib.util.find_spec("psycopg2"):
        from psycogreen.gevent import patch_psycopg

        patch_psycopg()
    app = serve.application()
    told = Event()
    for sign in serve.STOPS:
        gevent.signal_handler(sign, told.set)
    site = serve.fronted(app, given)
    visitors = Server(serve.public(), Files(site, given) if given.static else site, given, serve.access_log)
    alone = Server(serve.private(), app, given, None)
    visitors.start()
    alone.start()
    gevent.spawn(keep_beating, given, visitors)
    told.wait()
    alone.close()
    visitors.drain(given.stop_seconds)
    serve.leave()


def keep_beating(given: serve.Options, visitors: Server) -> None:
    while True:
        serve.beat(given)
        visitors.close_idle(serve.QUIET_SECONDS)
        gevent.sleep(serve.HEARTBEAT_SECONDS)


if __name__ == "__main__":
    main()
