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
import re
import select
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado import httputil, iostream
from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.netutil import add_accept_handler
from tornado.routing import AnyMatches, Matcher, PathMatches, Rule, RuleRouter
from tornado.web import Application, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketHandler
from tornado.wsgi import WSGIContainer

import slipway_serve as serve

log = logging.getLogger("slipway")
GOING_AWAY, RESTARTING = 1001, "restarting"
# so often a WebSocket shows that somebody is still there
PING_SECONDS = 30
ALONE_THREADS = 2


class Container(WSGIContainer):
    """The application, each request in a thread of the pool."""

    def __init__(self, app: serve.Wsgi, given: serve.Options, threads: int, tell: bool) -> None:
        super().__init__(self._begin, ThreadPoolExecutor(threads, "request"))
        self.app, self._limit, self._threads, self._tell = app, given.request_seconds, threads, tell
        self._at_work: dict[int, float] = {}  # thread -> since when

    async def handle_request(self, request: httputil.HTTPServerRequest) -> None:
        _name, *port = request.host.split(":")
        if len(port) == 1 and not port[0].isdigit():
            self._give_up(request, 400, "Bad Request")
            return
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
        headers = request.headers
        # in the environment they would pass for the ones with a hyphen
        for name in [name for name in headers if "_" in name]:
            del headers[name]
        if len(cookies := headers.get_list("Cookie")) > 1:
            headers["Cookie"] = "; ".join(cookies)
        environ = super().environ(request)
        if self._tell:
            serve.tell(environ, request.remote_ip)
        return environ

    def stuck(self) -> list[int]:
        """Threads that are at one thing for longer than a request may take, when they are half of all or more."""
        late = time.monotonic() - self._limit - serve.HEARTBEAT_SECONDS
        found = [thread for thread, since in list(self._at_work.items()) if since < late]
        return found if 2 * len(found) >= self._threads else []

    def _begin(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._working():
            return Pieces(self.app(environ, start_response), self._working)

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        thread = threading.get_ident()
        self._at_work[thread] = time.monotonic()
        try:
            yield
        finally:
            del self._at_work[thread]

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


class Pieces:
    """What the application answers, each piece made by a thread that is known to be at work."""

    def __init__(self, answer: Iterable[bytes], working: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
        self._pieces, self._working = iter(answer), working
        self.close = getattr(answer, "close", lambda: None)

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> bytes:
        with self._working():
            return next(self._pieces)


class Untouched(httputil.HTTPServerConnectionDelegate):
    """The way to the application past Tornado's own reading of forms: what a body means is the application's affair."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> httputil.HTTPMessageDelegate:
        return Whole(self._container, request_conn)


class Whole(httputil.HTTPMessageDelegate):
    """One request with its body."""

    def __init__(self, container: Container, connection: httputil.HTTPConnection) -> None:
        self._container, self._connection = container, connection
        self._body: list[bytes] = []

    def headers_received(self, start_line: Any, headers: httputil.HTTPHeaders) -> None:
        self._request = httputil.HTTPServerRequest(connection=self._connection, start_line=start_line, headers=headers)

    def data_received(self, chunk: bytes) -> None:
        self._body.append(chunk)

    def finish(self) -> None:
        self._request.body = b"".join(self._body)
        self._container(self._request)


def write_line(status: int, request: httputil.HTTPServerRequest, size: object) -> None:
    line = f"{request.method} {request.uri} {request.version}"
    seconds = request.request_time()
    serve.access_log.write(serve.access(request.remote_ip, line, str(status), size, request.headers, seconds))


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
        self.idle: dict[HTTP1ServerConnection, float] = {}  # since when
        self._most = connections

    def handle_stream(self, stream: iostream.IOStream, address: Any) -> None:
        super().handle_stream(stream, address)
        if self._most and len(self._connections) >= self._most:
            self._accept(False)

    def start_request(self, server_conn: Any, request_conn: Any) -> httputil.HTTPMessageDelegate:
        self.idle[server_conn] = time.monotonic()
        delegate = super().start_request(server_conn, request_conn)
        return Noted(delegate, lambda: self.idle.pop(server_conn, None))

    def on_close(self, server_conn: Any) -> None:
        self.idle.pop(server_conn, None)
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
        begun = time.monotonic()
        while self._connections and time.monotonic() < begun + seconds:
            await asyncio.sleep(serve.SWEEP_SECONDS)
            last = time.monotonic() - serve.IDLE_SECONDS
            for connection, since in list(self.idle.items()):
                if max(since, begun) < last and not _asks(connection.stream):
                    connection.stream.close()


def _asks(stream: iostream.IOStream) -> bool:
    """Whether a request has come that nobody has read yet."""
    poll = select.poll()
    poll.register(stream.fileno(), select.POLLIN)
    return bool(poll.poll(0))


class Told(WebSocketHandler):
    """A WebSocket of the application's that is told when its slot ends."""

    open_ones: set[Told] = set()
    ending = False

    def open(self, *args: str, **kwargs: str) -> Awaitable[None] | None:
        if Told.ending:
            self.close(GOING_AWAY, RESTARTING)
            return None
        Told.open_ones.add(self)
        return super().open(*args, **kwargs)

    def on_close(self) -> None:
        if self in Told.open_ones:
            Told.open_ones.discard(self)
            super().on_close()

    @classmethod
    def end(cls) -> None:
        cls.ending = True
        for one in list(cls.open_ones):
            one.close(GOING_AWAY, RESTARTING)


class Closed(Matcher):
    """A visitor while the site is in maintenance."""

    def __init__(self, given: serve.Options) -> None:
        self._given = given

    def match(self, request: httputil.HTTPServerRequest) -> dict[str, Any] | None:
        return {} if serve.shut(self._given, request.remote_ip) else None


class ClosedPage(RequestHandler):
    def initialize(self, given: serve.Options) -> None:
        self._given = given

    def prepare(self) -> None:
        self.set_status(503)
        for name, value in serve.CLOSED_HEADERS:
            self.set_header(name, value)
        self.finish(serve.closed_page(self._given))


class File(Matcher):
    """The path of a file that is there; for anything else the application is asked."""

    def __init__(self, prefix: str, folder: str, given: serve.Options) -> None:
        self._path, self._folder = PathMatches(re.escape(prefix) + "(.+)"), folder
        self._places = (given.source, given.shared)

    def match(self, request: httputil.HTTPServerRequest) -> dict[str, Any] | None:
        found = self._path.match(request) if request.method in ("GET", "HEAD") else None
        if not found:
            return None
        path = found["path_args"][0].decode("utf-8", "replace")
        file = os.path.join(self._folder, path)
        there = not path.startswith("/") and not serve.hidden(path) and os.path.isfile(file)
        return found if there and serve.servable(file, *self._places) else None


class Static(StaticFileHandler):
    """A file that the matcher has found: what it lets through, Tornado need not judge again by rules of its own."""

    def validate_absolute_path(self, root: str, absolute_path: str) -> str:
        return absolute_path

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


def routes(given: serve.Options, container: Container) -> RuleRouter:
    """Files first, as a front server would; then the page of a closed site, the own handlers, the application."""
    files = [Rule(File(prefix, folder, given), Static, {"path": folder}) for prefix, folder in given.static.items()]
    handlers = own_handlers(given.handlers) if given.handlers else []
    settings = {"log_function": log_request, "websocket_ping_interval": PING_SECONDS}
    own = Application([*files, Rule(Closed(given), ClosedPage, {"given": given}), *handlers], **settings)
    wanted = [rule.matcher for rule in own.wildcard_router.rules]
    return RuleRouter([Rule(AnyOf(wanted), own), Rule(AnyMatches(), Untouched(container))])


class AnyOf(Matcher):
    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self._matchers = matchers

    def match(self, request: httputil.HTTPServerRequest) -> dict[str, Any] | None:
        return {} if any(matcher.match(request) is not None for matcher in self._matchers) else None


def log_request(handler: RequestHandler) -> None:
    write_line(handler.get_status(), handler.request, handler._headers.get("Content-Length", "-"))


async def serve_until_told(given: serve.Options, app: serve.Wsgi) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in serve.STOPS:
        loop.add_signal_handler(sign, told.set)
    container = Container(app, given, given.threads, tell=True)
    site = routes(given, container)
    limits = {"max_body_size": given.body_bytes, "max_buffer_size": given.body_bytes + 2**16}
    times = {"idle_connection_timeout": serve.QUIET_SECONDS, "body_timeout": serve.QUIET_SECONDS}
    visitors = Server(site, connections=given.connections, **limits, **times)
    alone = Server(Untouched(Container(app, given, ALONE_THREADS, tell=False)))
    visitors.add_socket(serve.public())
    alone.add_socket(serve.private())
    beating = asyncio.create_task(keep_beating(given))
    stuck: list[int] = []
    while not told.is_set() and not (stuck := container.stuck()):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), serve.HEARTBEAT_SECONDS)
    frames = sys._current_frames()
    for thread in (thread for thread in stuck if thread in frames):
        log.error("A request does not end:\n%s", "".join(traceback.format_stack(frames[thread])))
    Told.end()
    alone.stop()
    await visitors.drain(given.stop_seconds)
    beating.cancel()


async def keep_beating(given: serve.Options) -> None:
    while True:
        serve.beat(given)
        await asyncio.sleep(serve.HEARTBEAT_SECONDS)


def main() -> None:
    given = serve.options()
    asyncio.run(serve_until_told(given, serve.application()))
    serve.leave()


if __name__ == "__main__":
    main()
