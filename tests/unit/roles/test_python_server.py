# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A slot of gevent and one of Tornado, each as a process on a socket that somebody else holds."""

from __future__ import annotations

import contextlib
import http.client
import importlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

SERVERS = Path(__file__).parents[3] / "roles/python_server/files"
PATIENCE = 15.0
SHIM = """
import json, time

def application(environ, start_response):
    path, asked = environ["PATH_INFO"], environ["QUERY_STRING"]
    if path == "/fails":
        raise RuntimeError("it does not work")
    if path == "/exits":
        raise SystemExit(3)
    if path == "/slow":
        time.sleep(float(asked))
    if path == "/spins":
        until = time.monotonic() + float(asked or "inf")
        while time.monotonic() < until:
            pass
    names = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
    said = {name: environ.get(name) for name in names}
    try:
        said["body"] = len(environ["wsgi.input"].read())
    except ValueError:
        said["body"] = "too large"
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(said).encode()]
"""
LIVE = """
from tornado.websocket import WebSocketHandler

class Echo(WebSocketHandler):
    def on_message(self, message):
        self.write_message(message)

handlers = [(r"/live", Echo)]
"""


class Slot:
    """A server on a socket that stays open whatever it does, as supervisord's does."""

    def __init__(self, folder: Path, library: str, **options: Any) -> None:
        self.folder, self.library = folder, library
        self._clients = contextlib.ExitStack()
        self.holder = socket.create_server(("127.0.0.1", 0))
        self.port = self.holder.getsockname()[1]
        self.private, self.log, self.page = folder / "slot.sock", folder / "log", folder / "closed.html"
        (folder / "shim.py").write_text(SHIM)
        (folder / "live.py").write_text(LIVE)
        files = {
            "page": str(self.page),
            "guests": str(folder / "guests"),
            "shared": str(folder / "shared"),
            "static": {"/static": "public"},
        }
        usual = {"request_seconds": 5, "stop_seconds": 8, "body_mb": 1, "connections": 10, **files}
        usual |= {"threads": 4, "handlers": "live:handlers"} if library == "tornado" else {}
        (folder / "options.json").write_text(json.dumps(usual | options))
        environment = {
            "PATH": os.environ["PATH"],
            "SLIPWAY_SOURCE": str(folder),
            "SLIPWAY_SHIM": str(folder / "shim.py"),
            "SLIPWAY_SLOT_SOCKET": str(self.private),
            "PYTHONUNBUFFERED": "1",
        }
        argv = [sys.executable, str(SERVERS / f"slipway_{library}.py"), str(folder / "options.json")]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                argv, stdin=self.holder, stdout=log, stderr=log, env=environment, cwd=folder
            )

    def ready(self) -> Slot:
        until(lambda: self.private.exists() and self.alone("/").status == 200, "the first answer", self.said)
        return self

    def said(self) -> str:
        return self.log.read_text()

    def connection(self) -> http.client.HTTPConnection:
        return self._clients.enter_context(
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE))
        )

    def ask(self, path: str, **further: Any) -> Answer:
        return on(self.connection(), path, **further)

    def alone(self, path: str) -> Answer:
        """Asked by its private socket."""
        with contextlib.closing(http.client.HTTPConnection("slot", timeout=PATIENCE)) as connection:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(self.private))
            return on(connection, path)

    def drain(self) -> None:
        self.process.send_signal(signal.SIGUSR1)

    def ends(self, limit: float = PATIENCE) -> int:
        return self.process.wait(limit)

    def close(self) -> None:
        self._clients.close()
        self.process.kill()
        self.process.wait()
        self.holder.close()


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def row(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def closes(self) -> bool:
        return self.headers.get("Connection", "") == "close"


def send(connection: http.client.HTTPConnection, path: str, method: str = "GET", **further: Any) -> None:
    connection.request(method, path, **further)


def on(connection: http.client.HTTPConnection, path: str, method: str = "GET", **further: Any) -> Answer:
    send(connection, path, method, **further)
    return Answer(connection.getresponse())


def until(true: Callable[[], Any], what: str, said: Callable[[], str]) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            if true():
                return
        except OSError:
            pass
        assert time.monotonic() < limit, f"waited for {what}; it said:\n{said()}"
        time.sleep(0.02)


@pytest.fixture(params=["gevent", "tornado"])
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def slot(tmp_path: Path, library: str) -> Iterator[Callable[..., Slot]]:
    made: list[Slot] = []

    def make(**options: Any) -> Slot:
        made.append(Slot(tmp_path, library, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_visitors_are_told_to_the_application_as_a_front_server_would(slot: Callable[..., Slot]) -> None:
    lies = {"X-Forwarded-For": "1.2.3.4", "X_Forwarded_For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    row = slot().ready().ask("/", headers={"Host": "blog.example.org", **lies}).row
    assert row == {
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_FORWARDED_FOR": "127.0.0.1",
        "HTTP_X_FORWARDED_PROTO": "http",
        "HTTP_X_FORWARDED_HOST": "blog.example.org",
        "body": 0,
    }


def test_everybody_is_answered_once_more_when_a_slot_is_told_to_stop(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    kept, busy, new = here.connection(), here.connection(), here.connection()
    assert not on(kept, "/").closes and not on(busy, "/").closes
    send(busy, "/slow?1.5")
    send(new, "/slow?1.5")
    time.sleep(0.3)  # both are at the application
    here.drain()
    until(lambda: refused(here), "nobody to be accepted", here.said)
    last = on(kept, "/")
    assert last.status == 200 and last.closes
    assert Answer(busy.getresponse()).status == Answer(new.getresponse()).status == 200
    assert here.ends() == 0


def refused(here: Slot) -> bool:
    """A new connection waits in the backlog for another slot."""
    with socket.create_connection(("127.0.0.1", here.port), 0.3) as waiting:
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            return waiting.recv(100) == b"never"
        except TimeoutError:
            return True


def test_who_asks_without_a_pause_keeps_nobody_waiting(slot: Callable[..., Slot]) -> None:
    here, number = slot().ready(), 40
    other = here.connection()
    on(other, "/")
    with socket.create_connection(("127.0.0.1", here.port), PATIENCE) as greedy:
        greedy.sendall(b"GET /spins?0.03 HTTP/1.1\r\nHost: x\r\n\r\n" * number)
        answers = greedy.recv(65536)
        assert on(other, "/").status == 200
        greedy.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            answers += greedy.recv(65536)
    assert 1 <= answers.count(b"200 OK") < number / 2


def test_a_connection_that_nobody_uses_does_not_keep_a_slot(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    kept = here.connection()
    on(kept, "/")
    begun = time.monotonic()
    here.drain()
    assert here.ends() == 0
    assert time.monotonic() - begun > 2.5  # its owner had time to ask once more
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        on(kept, "/")


def test_who_was_answered_during_a_drain_may_ask_once_more_and_then_does_not_keep_the_slot(
    slot: Callable[..., Slot],
) -> None:
    here = slot(request_seconds=15, stop_seconds=20).ready()
    early, late = here.connection(), here.connection()
    for connection in (early, late):
        send(connection, "/slow?4")
    time.sleep(0.3)
    here.drain()
    begun = time.monotonic()
    answers = [Answer(connection.getresponse()) for connection in (early, late)]
    assert [answer.status for answer in answers] == [200, 200]
    time.sleep(1.0)
    # Tornado decides with the head of a request whether it is the last one
    assert answers[0].closes or on(early, "/").closes
    assert here.ends() == 0
    assert time.monotonic() - begun < 9


def test_a_slot_that_nobody_visits_ends_at_once(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    here.drain()
    assert here.ends(1.0) == 0


def test_what_is_too_large_is_refused(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    assert here.ask("/", method="POST", body=b"x" * 1000_000).row["body"] == 1_000_000
    assert too_large(here, {"Content-Length": str(2**21)}, b"x" * 2**21)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert too_large(here, {"Transfer-Encoding": "chunked"}, chunk * 32 + b"0\r\n\r\n")


def too_large(here: Slot, headers: dict[str, str], body: bytes) -> bool:
    """Refused, with words or by the end of the connection."""
    connection = here.connection()
    connection.putrequest("POST", "/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    try:
        connection.send(body)
        answer = Answer(connection.getresponse())
    except (ConnectionError, http.client.RemoteDisconnected):
        return True
    return answer.status in (400, 413) or answer.row["body"] == "too large"


def test_an_application_that_fails_fails_one_request(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    assert here.ask("/fails").status == 500
    assert "it does not work" in here.said()
    assert here.ask("/").status == 200


def test_an_application_that_ends_itself_ends_one_request(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    other = here.connection()
    send(other, "/slow?1")
    assert here.ask("/exits").status == 500
    assert Answer(other.getresponse()).status == 200


def test_what_a_body_means_is_the_applications_affair(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    for kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        answer = here.ask("/", method="POST", body=b"a=1&" * 2000, headers={"Content-Type": kind})
        assert (answer.status, answer.row["body"]) == (200, 8000)
    assert here.ask("/", method="PROPFIND").status == 200
    assert here.ask("/", headers={"Host": "a:b"}).status in (200, 400)


def test_a_request_has_a_limit(slot: Callable[..., Slot]) -> None:
    here = slot(request_seconds=1).ready()
    begun = time.monotonic()
    assert here.ask("/slow?4").status in (500, 503)
    assert time.monotonic() - begun < 2.5
    assert here.ask("/").status == 200


def test_a_server_that_hangs_ends_and_says_where(slot: Callable[..., Slot]) -> None:
    here = slot(request_seconds=1, stop_seconds=1).ready()
    for _ in range(2):  # half of Tornado's threads; what is left can go on serving otherwise
        send(here.connection(), "/spins")
    here.ends()
    assert re.search(r'shim.py", line \d+,? in application', here.said())


def test_a_site_in_maintenance_lets_the_host_itself_in(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    here.page.write_text("<h1>Closed</h1>")
    assert here.ask("/").status == 200
    assert here.alone("/").status == 200


@pytest.mark.parametrize(("address", "status"), [("203.0.113.9", "503"), ("198.51.100.7", "200"), ("::1", "200")])
def test_a_site_in_maintenance_is_closed_to_who_is_not_exempt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, status: str
) -> None:
    monkeypatch.syspath_prepend(SERVERS)
    serve = importlib.import_module("slipway_serve")
    page, guests = tmp_path / "closed.html", tmp_path / "guests"
    page.write_text("<h1>Closed</h1>")
    guests.write_text("192.0.2.0/24\n198.51.100.0/24\n")
    given = serve.Options(60, 60, 1, 10, str(page), str(guests), "/source", "/shared")
    said: list[str] = []

    def app(_environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])
        return [b"open"]

    environ = {"REMOTE_ADDR": address, "REQUEST_METHOD": "GET", "wsgi.url_scheme": "http"}
    body = serve.fronted(app, given)(environ, lambda line, _headers: said.append(line))
    assert said[0].startswith(status)
    assert list(body) == [b"open" if status == "200" else b"<h1>Closed</h1>"]


def test_files_are_served_past_the_application(slot: Callable[..., Slot], tmp_path: Path) -> None:
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "style.css").write_text("body {}")
    (folder / ".secret").write_text("hidden")
    here = slot().ready()
    style = here.ask("/static/style.css")
    assert (style.body, style.headers["Content-Type"].split(";")[0]) == (b"body {}", "text/css")
    assert "max-age=3600" in style.headers["Cache-Control"]
    again = here.ask("/static/style.css", headers={"If-None-Match": style.headers["ETag"]})
    assert again.status == 304
    for path in ("/static/gone.css", "/static/.secret", "/static/../shim.py", "/static/"):
        assert "REMOTE_ADDR" in here.ask(path).row, path


def test_a_file_that_changes_is_seen(slot: Callable[..., Slot], tmp_path: Path) -> None:
    """A folder that outlives releases (app_shared) is a link out of the release."""
    shared, source = tmp_path / "shared", tmp_path / "public"
    shared.mkdir()
    source.symlink_to(shared)
    here = slot().ready()
    (shared / "new.txt").write_text("one")
    assert here.ask("/static/new.txt").body == b"one"
    (shared / "new.txt").write_text("another")
    assert here.ask("/static/new.txt").body == b"another"


def test_links_lead_nowhere_else(slot: Callable[..., Slot], tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/kept.txt").write_text("kept")
    folder = tmp_path / "public"
    folder.mkdir()
    for name, target in {"up": tmp_path / "shared", "evil": "/etc/hostname", "dangling": "/nowhere"}.items():
        (folder / name).symlink_to(target)
    here = slot().ready()
    assert here.ask("/static/up/kept.txt").body == b"kept"
    for path in ("/static/evil", "/static/dangling", "/static//etc/passwd", "/static/%ff", "/static/up/kept.txt%00"):
        assert b"REMOTE_ADDR" in here.ask(path).body or here.ask(path).status in (400, 404), path
    assert "REMOTE_ADDR" in here.ask("/static/up/kept.txt", method="POST").row


def test_each_request_is_written_down_once(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    here.ask('/asked?a="b', headers={"User-Agent": 'a"b', "Host": "blog"})
    until(lambda: "GET /asked" in here.said(), "the line", here.said)
    (line,) = [line for line in here.said().splitlines() if "/asked" in line]
    shape = r'127\.0\.0\.1 - - \[[^]]+\] "GET /asked\?a=%22b HTTP/1\.1" 200 \S+ "-" "a%22b" [\d.]+ - blog'
    assert re.fullmatch(shape, line), line


def test_one_that_still_loads_ends_at_once(slot: Callable[..., Slot], tmp_path: Path) -> None:
    (tmp_path / "slow_to_load.py").write_text("import time; print('loading'); time.sleep(60)")
    here = slot()
    (tmp_path / "shim.py").write_text("import slow_to_load")
    here.drain()
    assert here.ends(3.0) != 0


@pytest.mark.parametrize("library", ["tornado"])
def test_a_web_socket_is_told_that_its_slot_ends(slot: Callable[..., Slot]) -> None:
    here = slot().ready()
    with socket.create_connection(("127.0.0.1", here.port), PATIENCE) as client:
        client.sendall(
            b"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert b" 101 " in client.recv(1000)
        client.sendall(b"\x81\x82\0\0\0\0hi")
        assert client.recv(100) == b"\x81\x02hi"
        here.drain()
        told = client.recv(100)
        assert told[0] == 0x88 and int.from_bytes(told[2:4]) == 1001
        client.sendall(b"\x88\x82\0\0\0\0\x03\xe9")
    assert here.ends() == 0
