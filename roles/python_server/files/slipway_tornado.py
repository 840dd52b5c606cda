#!/usr/bin/python3
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A slot served by Tornado: the application in a pool of threads, its own handlers (WebSockets) beside it.

python slipway_tornado.py OPTIONS.json
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado import httputil, iostream
from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.netutil import add_accept_handler
from tornado.routing import Matcher, PathMatches, Rule
from tornado.web import Application, FallbackHandler, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketHandler
from tornado.wsgi import WSGIContainer

import slipway_serve as serve

log = logging.getLogger("slipway")
GOING_AWAY = 1001
# so often a WebSocket shows that somebody is still there
PING_SECONDS = 30


class Container(WSGIContainer):
    """The application, each request in a thread of the pool."""

    def __init__(self, app: serve.Wsgi, given: serve.Options, executor: ThreadPoolExecutor, tell: bool) -> None:
        super().__init__(self._timed, executor)
        self.app, self._limit, self._tell = app, given.request_seconds, tell
        self.begun: dict[int, float] = {}  # thread -> when the request that it is at began

    async def handle_request(self, request: httputil.HTTPServerRequest) -> None:
        try:
            await asyncio.wait_for(super().handle_request(request), self._limit)
        except TimeoutError:
            log.error("%s %s took longer than %s s", request.method, request.uri, self._limit)
            self._give_up(request, 503, "Service Unavailable")
        except iostream.StreamClosedError:
            pass  # the visitor has gone
        except Exception:
            log.exception("%s %s", request.method, request.uri)
            self._give_up(request, 500, "Internal Server Error")

    def environ(self, request: httputil.HTTPServerRequest) -> dict[str, Any]:
        environ = super().environ(request)
        if self._tell:
            serve.tell(environ, request.remote_ip)
        return environ

    def stuck(self) -> list[int]:
        """Threads that are at a request for longer than one may take."""
        late = time.monotonic() - self._limit - serve.HEARTBEAT_SECONDS
        return [thread for thread, at in list(self.begun.items()) if at < late]

    def _timed(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        thread = threading.get_ident()
        self.begun[thread] = time.monotonic()
        try:
            return self.app(environ, start_response)
        finally:
            del self.begun[thread]

    def _give_up(self, request: httputil.HTTPServerRequest, status: int, reason: str) -> None:
        connection = request.connection
        if connection is None or connection._write_finished or connection._response_start_line:
            return
        headers = httputil.HTTPHeaders({"Content-Length": "0"})
        connection.write_headers(httputil.ResponseStartLine("HTTP/1.1", status, reason), headers)
        connection.finish()
        self._log(status, request)

    def _log(self, status_code: int, request: httputil.HTTPServerRequest) -> None:
        write_line(status_code, request, "-")


def write_line(status: int, request: httputil.HTTPServerRequest, size: object) -> None:
    line = f"{request.method} {request.uri} {request.version}"
    seconds = request.request_time()
    sys.stdout.write(serve.access(request.remote_ip, line, str(status), size, request.headers, seconds))


class Noted(httputil.HTTPMessageDelegate):
    """A request that may come on a connection: once its head is there, the connection is in use."""

    def __init__(self, delegate: httputil.HTTPMessageDelegate, used: Callable[[], None]) -> None:
        self._received, self._used = delegate.headers_received, used
        self.data_received, self.finish = delegate.data_received, delegate.finish
        self.on_connection_close = delegate.on_connection_close

    def headers_received(self, start_line: Any, headers: httputil.HTTPHeaders) -> Awaitable[None] | None:
        self._used()
        return self._received(start_line, headers)


class Server(HTTPServer):
    """Connections that are in use and connections that wait, told apart."""

    def initialize(self, *args: Any, connections: int = 0, **options: Any) -> None:
        super().initialize(*args, **options)
        self.idle: set[HTTP1ServerConnection] = set()
        self._most = connections

    def handle_stream(self, stream: iostream.IOStream, address: Any) -> None:
        super().handle_stream(stream, address)
        if self._most and len(self._connections) >= self._most:
            self._accept(False)

    def start_request(self, server_conn: Any, request_conn: Any) -> httputil.HTTPMessageDelegate:
        self.idle.add(server_conn)
        delegate = super().start_request(server_conn, request_conn)
        return Noted(delegate, lambda: self.idle.discard(server_conn))

    def on_close(self, server_conn: Any) -> None:
        self.idle.discard(server_conn)
        super().on_close(server_conn)
        if len(self._connections) == self._most - 1 and not self._stopped:
            self._accept(True)

    def _accept(self, more: bool) -> None:
        """Further visitors wait in the backlog, where another slot may take them."""
        for number, listener in self._sockets.items():
            self._handlers[number]()
            self._handlers[number] = add_accept_handler(listener, self._handle_connection) if more else lambda: None

    async def drain(self, seconds: float) -> None:
        """Accept nobody, answer everybody once more, then close what is not in use."""
        self.stop()
        self.conn_params.no_keep_alive = True
        await self.gone(serve.IDLE_SECONDS)
        for connection in list(self.idle):
            connection.stream.close()
        await self.gone(seconds - serve.IDLE_SECONDS)

    async def gone(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        while self._connections and time.monotonic() < limit:
            await asyncio.sleep(0.02)


class Told(WebSocketHandler):
    """A WebSocket of the application's that is told when its slot ends."""

    open_ones: set[Told] = set()

    def open(self, *args: str, **kwargs: str) -> Awaitable[None] | None:
        Told.open_ones.add(self)
        return super().open(*args, **kwargs)

    def on_close(self) -> None:
        Told.open_ones.discard(self)
        super().on_close()


class Closed(Matcher):
    """A visitor while the site is in maintenance."""

    def __init__(self, given: serve.Options) -> None:
        self._given = given

    def match(self, request: httputil.HTTPServerRequest) -> dict[str, Any] | None:
        given = self._given
        shut = given.page and os.path.exists(given.page) and not serve.exempt(given, request.remote_ip)
        return {} if shut else None


class ClosedPage(RequestHandler):
    def initialize(self, given: serve.Options) -> None:
        self._given = given

    def prepare(self) -> None:
        self.set_status(503)
        for name, value in serve.CLOSED_HEADERS:
            self.set_header(name, value)
        self.finish(serve.closed_page(self._given))


class File(Matcher):
    """The path of a file that is there; what is not there, the application is asked for."""

    def __init__(self, prefix: str, folder: str) -> None:
        self._path, self._folder = PathMatches(f"{prefix}(.*)"), folder

    def match(self, request: httputil.HTTPServerRequest) -> dict[str, Any] | None:
        found = self._path.match(request)
        if not found:
            return None
        path = found["path_args"][0].decode()
        there = not serve.hidden(path) and os.path.isfile(os.path.join(self._folder, path))
        return found if there else None


class Static(StaticFileHandler):
    def get_cache_time(self, path: str, modified: Any, mime_type: str) -> int:
        return serve.FILE_SECONDS

    def compute_etag(self) -> str | None:
        """Of time and size: a folder that outlives releases has files that change."""
        stat = os.stat(self.absolute_path)
        return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'


def own_handlers(address: str) -> list[Any]:
    module, _, attribute = address.partition(":")
    found = []
    for pattern, handler, *rest in getattr(importlib.import_module(module), attribute):
        if issubclass(handler, WebSocketHandler):
            handler = type(handler.__name__, (Told, handler), {})
        found.append((pattern, handler, *rest))
    return found


def routes(given: serve.Options, container: Container) -> list[Any]:
    rules: list[Any] = [Rule(Closed(given), ClosedPage, {"given": given})]
    rules += [Rule(File(prefix, folder), Static, {"path": folder}) for prefix, folder in given.static.items()]
    rules += own_handlers(given.handlers) if given.handlers else []
    return [*rules, (".*", FallbackHandler, {"fallback": container})]


def log_request(handler: RequestHandler) -> None:
    write_line(handler.get_status(), handler.request, handler._headers.get("Content-Length", "-"))


async def serve_until_told(given: serve.Options, app: serve.Wsgi) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in serve.STOPS:
        loop.add_signal_handler(sign, told.set)
    executor = ThreadPoolExecutor(given.threads, "request")
    container = Container(app, given, executor, tell=True)
    site = Application(routes(given, container), log_function=log_request, websocket_ping_interval=PING_SECONDS)
    limits = {"max_body_size": given.body_bytes, "max_buffer_size": given.body_bytes + 2**16}
    times = {"idle_connection_timeout": serve.QUIET_SECONDS, "body_timeout": serve.QUIET_SECONDS}
    visitors = Server(site, connections=given.connections, **limits, **times)
    alone = Server(Container(app, given, ThreadPoolExecutor(2, "alone"), tell=False))
    visitors.add_socket(serve.public())
    alone.add_socket(serve.private())
    beating = asyncio.create_task(keep_beating(given))
    while not told.is_set() and not container.stuck():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), serve.HEARTBEAT_SECONDS)
    for thread in container.stuck():
        log.error("A request does not end:\n%s", "".join(traceback.format_stack(sys._current_frames()[thread])))
    for handler in list(Told.open_ones):
        handler.close(GOING_AWAY, "restarting")
    alone.stop()
    await visitors.drain(given.stop_seconds)
    beating.cancel()


async def keep_beating(given: serve.Options) -> None:
    while True:
        serve.beat(given)
        await asyncio.sleep(serve.HEARTBEAT_SECONDS)


def main() -> None:
    given = serve.options()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(serve_until_told(given, serve.application()))
    serve.leave()


if __name__ == "__main__":
    main()
