#!/usr/bin/python3
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Python server needs to be a slot, whichever library it is made of.

Where no front server stands before it, a slot also does what that one would do: it says who asks, refuses what is
too large, shows the page of a site in maintenance and writes the access log.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import importlib.util
import io
import ipaddress
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# When a slot was told to stop, whoever keeps a connection may ask once more so long after his last answer.
IDLE_SECONDS = 3.0
SWEEP_SECONDS = 0.1
# A connection may be quiet so long while a request is read, an answer is written, or nothing is asked.
QUIET_SECONDS = 65.0
HEARTBEAT_SECONDS = 1.0
# how long a browser keeps a file
FILE_SECONDS = 3600
RETRY_SECONDS = 300
STOPS = (signal.SIGTERM, signal.SIGUSR1)


@dataclass(frozen=True)
class Options:
    """How to serve, from the file that the setup of the host wrote."""

    request_seconds: int  # the longest a request may take
    stop_seconds: int  # how long requests in flight have after the slot was told to stop
    body_mb: int  # the largest request body
    connections: int  # open at the same time, in this slot
    page: str  # while this file is there, visitors get it
    guests: str  # who is let in all the same: a file of networks, one a line
    source: str  # of the release; static files lie in it, or in
    shared: str  # the folder of what outlives releases
    static: dict[str, str] = field(default_factory=dict)  # URL prefix -> folder
    threads: int = 1
    handlers: str = ""

    @property
    def body_bytes(self) -> int:
        return self.body_mb * 2**20


def options() -> Options:
    """Those of the file that the command line names; static folders as they are in the release of this slot."""
    with open(sys.argv[1], encoding="utf-8") as stream:
        found = json.load(stream)
    source, shared = os.path.realpath(os.environ["SLIPWAY_SOURCE"]), os.path.realpath(found.pop("shared"))
    static = {prefix.rstrip("/") + "/": os.path.join(source, folder) for prefix, folder in found.pop("static").items()}
    return Options(**found, source=source, shared=shared, static=static)


def application() -> Wsgi:
    """The application of the release, under the one name that its shim gives it."""
    # what lies beside this file is no module of the application's
    sys.path[0] = os.environ["SLIPWAY_SOURCE"]
    spec = importlib.util.spec_from_file_location("slipway_wsgi", os.environ["SLIPWAY_SHIM"])
    assert spec and spec.loader
    shim = sys.modules["slipway_wsgi"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shim)
    return guarded(shim.application)


def guarded(app: Wsgi) -> Wsgi:
    """An application that ends its server fails one request, and nobody else's."""

    def asked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except (SystemExit, KeyboardInterrupt) as error:
            raise RuntimeError("The application tried to end its server.") from error

    return asked


def public() -> socket.socket:
    """The listening socket that supervisord holds for all slots. Descriptor 0 is nobody's input any more."""
    listener = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    listener.setblocking(False)
    if listener.family != socket.AF_UNIX:
        # small answers would wait for the client's acknowledgements; connections inherit this
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def private() -> socket.socket:
    """The socket where this slot alone is asked whether it is well."""
    path = os.environ["SLIPWAY_SLOT_SOCKET"]
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(64)
    listener.setblocking(False)
    return listener


def fronted(app: Wsgi, given: Options) -> Wsgi:
    """The application as a front server would ask it."""

    def asked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        address = environ.get("REMOTE_ADDR", "")
        if shut(given, address):
            return closed(given, environ["REQUEST_METHOD"], start_response)
        if int(environ.get("CONTENT_LENGTH") or 0) > given.body_bytes:
            start_response("413 Content Too Large", [("Content-Type", "text/plain"), ("Connection", "close")])
            return [b"The request is too large.\n"]
        if environ.get("HTTP_TRANSFER_ENCODING"):
            environ["wsgi.input"] = Limited(environ["wsgi.input"], given.body_bytes)
        tell(environ, address)
        return app(environ, start_response)

    return asked


class Limited:
    """The body of a request that does not say beforehand how long it is."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, size: int | None = -1) -> bytes:
        return self._counted(self._stream.read(self._asked(size)))

    def readline(self, size: int | None = -1) -> bytes:
        return self._counted(self._stream.readline(self._asked(size)))

    def readlines(self, _hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _asked(self, size: int | None) -> int:
        return self._left + 1 if size is None or size < 0 else min(size, self._left + 1)

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("The request is too large.")
        return data


def tell(environ: dict[str, Any], address: str) -> None:
    """Who asks, in the words of a front server. What a visitor says of himself there is never believed."""
    environ["HTTP_X_FORWARDED_FOR"] = address
    environ["HTTP_X_FORWARDED_PROTO"] = environ["wsgi.url_scheme"]
    environ["HTTP_X_FORWARDED_HOST"] = environ.get("HTTP_HOST", "")


def shut(given: Options, address: str) -> bool:
    """Whether the site is in maintenance for who comes from there."""
    return os.path.exists(given.page) and not exempt(given, address)


def exempt(given: Options, address: str) -> bool:
    """Whether somebody reaches the application in maintenance: the host itself always, deploys ask from there."""
    who = ipaddress.ip_address(address)
    if who.is_loopback:
        return True
    try:
        with open(given.guests, encoding="ascii") as stream:
            return any(who in ipaddress.ip_network(line.strip()) for line in stream)
    except FileNotFoundError:
        return False


def closed(given: Options, method: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    page = closed_page(given)
    start_response("503 Service Unavailable", [*CLOSED_HEADERS, ("Content-Length", str(len(page)))])
    return [page] if method != "HEAD" else []


CLOSED_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Retry-After", str(RETRY_SECONDS)),
    ("Cache-Control", "no-store"),
]


def closed_page(given: Options) -> bytes:
    try:
        with open(given.page, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b"The site is open again. Please try again."


def servable(path: str, *folders: str) -> bool:
    """Whether a file really lies in one of these folders: a link that the application made leads nowhere else."""
    return os.path.realpath(path).startswith(tuple(folder + os.sep for folder in folders))


def hidden(path: str) -> bool:
    """Whether a file is nobody's business."""
    return "\0" in path or any(part.startswith(".") and part != ".well-known" for part in path.split("/"))


class Clock:
    """The time of the access log; written anew once a second."""

    def __init__(self) -> None:
        self._second, self._text = 0, ""

    def __call__(self) -> str:
        now = int(time.time())
        if now != self._second:
            self._second, self._text = now, time.strftime("%d/%b/%Y:%H:%M:%S %z")
        return self._text


clock = Clock()


def access(address: str, line: str, status: str, size: object, headers: Any, seconds: float) -> str:
    """A line of the access log, as nginx writes it for our sites."""
    said = (line, headers.get("Referer", "-"), headers.get("User-Agent", "-"), headers.get("Host", "-"))
    request, referer, agent, host = (_quoted(text) for text in said)
    return f'{address} - - [{clock()}] "{request}" {status} {size} "{referer}" "{agent}" {seconds:.3f} - {host}\n'


def _quoted(text: str) -> str:
    """Nobody writes a line or a quotation mark of his own into the log."""
    text = text.replace('"', "%22")
    return text if text.isprintable() else ascii(text)[1:-1]


class AccessLog:
    """Lines that are handed on together, each second at the latest: every single one would wake supervisord."""

    def __init__(self) -> None:
        # no larger than what goes through a pipe in one piece, or what the application prints would cut a line in two
        self._pipe = io.BufferedWriter(io.FileIO(1, "w", closefd=False), select.PIPE_BUF)

    def write(self, line: str) -> None:
        self._pipe.write(line.encode())

    def flush(self) -> None:
        self._pipe.flush()


access_log = AccessLog()


def beat(given: Options) -> None:
    """Said every second: as long as it is, nothing hangs. Otherwise every stack is written down and the slot ends."""
    access_log.flush()
    # to the descriptor: the application may have put something else in the place of sys.stderr
    faulthandler.dump_traceback_later(given.request_seconds + HEARTBEAT_SECONDS, exit=True, file=2)


def leave() -> NoReturn:
    """End without waiting for threads that the application never ends."""
    atexit._run_exitfuncs()
    for stream in (access_log, sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(0)
