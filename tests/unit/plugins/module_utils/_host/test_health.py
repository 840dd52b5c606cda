# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against a real little server, on a socket in the file system and on a port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._host import health
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site, ask, at, through, wait

SITE = Site("/", "blog.example", "https")


class Server:
    """Answers each request with what `reply` makes of its number and its text; None: nothing, and hangs up."""

    def __init__(self, listener: socket.socket, reply: Callable[[int, str], str | None]) -> None:
        self.requests: list[str] = []
        self._listener, self._reply = listener, reply
        listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(65536).decode("latin-1")
                self.requests.append(request)
                text = self._reply(len(self.requests), request)
                if text is not None:
                    connection.sendall(text.encode("latin-1"))

    @property
    def paths(self) -> list[str]:
        return [request.split(" ")[1] for request in self.requests]

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def response(status: str, body: str = "", **headers: str) -> str:
    rows = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{rows}Content-Length: {len(body)}\r\n\r\n{body}"


def redirect(location: str) -> str:
    return response("302 FOUND", Location=location)


@pytest.fixture(params=["unix", "tcp"])
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., tuple[Server, health.Connect]]]:
    servers: list[Server] = []

    def start(reply: Callable[[int, str], str | None]) -> tuple[Server, health.Connect]:
        if request.param == "unix":
            listener, path = socket.socket(socket.AF_UNIX), tmp_path / "1.sock"
            listener.bind(str(path))
            connect = through(path)
        else:
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            connect = at(*listener.getsockname())
        servers.append(Server(listener, reply))
        return servers[-1], connect

    yield start
    for server in servers:
        server.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "UNWELL_SECONDS", 0.3)
    pause = time.sleep
    monkeypatch.setattr(health.time, "sleep", lambda seconds: pause(min(seconds, 0.01)))


def always(text: str | None) -> Callable[[int, str], str | None]:
    return lambda _number, _request: text


@pytest.mark.parametrize(
    ("status", "well"),
    [("200 OK", True), ("204 NO CONTENT", True), ("404 NOT FOUND", False), ("503 BUSY", False), ("304 SAME", False)],
)
def test_well_is_2xx(serve, status, well):
    _, connect = serve(always(response(status, "body")))
    answer = ask(connect, SITE)
    assert (answer.well, answer.status) == (well, int(status[:3]))
    assert answer.said.startswith(status)


def test_an_application_is_asked_as_its_visitors_would(serve):
    server, connect = serve(always(response("200 OK")))
    ask(connect, Site("/healthz?full=1", "blog.example", "https"))
    request = server.requests[0]
    assert request.startswith("GET /healthz?full=1 HTTP/1.1\r\n")
    assert request.count("Host:") == 2  # Host and X-Forwarded-Host
    for header in ("Host: blog.example", "X-Forwarded-Host: blog.example", "X-Forwarded-Proto: https"):
        assert f"\r\n{header}\r\n" in request


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/login", "/login"),
        ("login?next=%2F", "/login?next=%2F"),
        ("https://blog.example/login", "/login"),
        ("https://blog.example", "/"),
        ("?page=2", "/?page=2"),
        ("/login#top", "/login"),
    ],
)
def test_a_redirect_is_followed_on_the_same_server(serve, location, path):
    server, connect = serve(lambda number, _: redirect(location) if number == 1 else response("200 OK"))
    assert ask(connect, SITE).well
    assert server.paths == ["/", path]


def test_redirects_without_an_end_are_no_health(serve):
    server, connect = serve(always(redirect("/again")))
    answer = ask(connect, SITE)
    assert (answer.status, answer.well) == (302, False)
    assert len(server.requests) == 1 + health.REDIRECTS


@pytest.mark.parametrize("location", ["http://[", "/with space", "/caf\xe9"])
def test_a_redirect_to_nowhere_is_said_and_no_crash(serve, location):
    _, connect = serve(lambda number, _: redirect(location) if number == 1 else response("200 OK"))
    answer = ask(connect, SITE)
    assert not answer.well
    assert answer.said


@pytest.mark.parametrize("reply", [None, "garbage\r\n\r\n", "HTTP/1.1 two hundred\r\n\r\n"])
def test_what_is_no_answer_has_no_status(serve, reply):
    _, connect = serve(always(reply))
    answer = ask(connect, SITE)
    assert (answer.status, answer.well) == (0, False)


def test_nobody_listens(tmp_path):
    answer = ask(through(tmp_path / "none.sock"), SITE)
    assert answer.status == 0
    assert answer.said.startswith("FileNotFoundError")


def test_who_does_not_answer_in_time_has_no_status(serve):
    release = threading.Event()

    def hang(_number: int, _request: str) -> None:
        release.wait(5)

    _, connect = serve(hang)
    answer = ask(connect, SITE, timeout=0.1)
    release.set()
    assert answer.status == 0
    assert answer.said.startswith("TimeoutError")
    assert answer.seconds < 2


def test_waiting_ends_when_an_application_that_warms_up_is_well(serve):
    server, connect = serve(lambda number, _: response("503 BUSY") if number < 4 else response("200 OK"))
    assert wait(connect, SITE, limit=5, alive=lambda: True).well
    assert len(server.requests) == 4


def test_an_application_that_stays_unwell_gets_no_longer_than_that(serve):
    _, connect = serve(always(response("503 BUSY", "database is down")))
    started = time.monotonic()
    answer = wait(connect, SITE, limit=60, alive=lambda: True)
    assert (answer.status, "database is down" in answer.said) == (503, True)
    assert health.UNWELL_SECONDS <= time.monotonic() - started < 3


def test_an_application_that_listens_late_is_waited_for(tmp_path):
    asked: list[bool] = []

    def alive() -> bool:
        asked.append(True)
        if len(asked) == 3:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(tmp_path / "1.sock"))
            Server(listener, always(response("200 OK")))
        return True

    assert wait(through(tmp_path / "1.sock"), SITE, limit=5, alive=alive).well
    assert len(asked) == 3


def test_an_application_that_never_listens_is_given_up(tmp_path):
    answer = wait(through(tmp_path / "1.sock"), SITE, limit=0.2, alive=lambda: True)
    assert (answer.status, answer.well) == (0, False)


def test_an_application_that_died_is_not_waited_for(tmp_path):
    lives: Any = iter([True, True, False])
    started = time.monotonic()
    assert wait(through(tmp_path / "1.sock"), SITE, limit=60, alive=lambda: next(lives)).status == 0
    assert next(lives, "asked to the end") == "asked to the end"
    assert time.monotonic() - started < 3
