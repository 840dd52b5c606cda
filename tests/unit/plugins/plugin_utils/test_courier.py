# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notices to real receivers on this machine: one that takes them, and every way not to."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.notify import Notice, Targets
from ansible_collections.slipway.flask.plugins.plugin_utils import messenger
from ansible_collections.slipway.flask.plugins.plugin_utils.courier import Courier

NOTICE = Notice("blog", "deploy", "failed", "c1" * 20, "Énd", "anna@laptop", ("web1",), "now", 1.0, "unwell")
SECRET = "hunter2"


class Receiver(http.server.BaseHTTPRequestHandler):
    status, seen = 200, list[tuple[str, Any]]()

    def do_POST(self) -> None:
        self.seen.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to get one message."""

    seen = list[str]()

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go\r\n")
                self.seen.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type[Any]], int]]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers = []

    def start(handler: type[Any]) -> int:
        handler.seen.clear()
        servers.append(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,)).start()
        return servers[-1].server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where somebody listens and nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def arguments() -> str:
    """Of every process on this machine."""
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def problems(targets: Targets) -> list[str]:
    courier = Courier(targets)
    assert courier.send(NOTICE) == []
    return courier.settle()


def test_every_target_gets_it(serve: Callable[[type[Any]], int], tmp_path: Path) -> None:
    hook, mail, out = serve(Receiver), serve(Mailbox), tmp_path / "out"
    command = (sys.executable, "-c", f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())")
    mailing = {"to": ["ops@example.org"], "from": "ci@example.org", "server": f"127.0.0.1:{mail}"}
    assert problems(Targets(f"http://127.0.0.1:{hook}/{SECRET}", command, mailing)) == []
    [(path, sent)] = Receiver.seen
    assert (path, sent["subject"], sent["reason"]) == (f"/{SECRET}", "Énd", "unwell")
    assert json.loads(out.read_text()) == sent
    [message] = Mailbox.seen
    assert "Subject: blog: deploy of c1c1c1c1c1c1" in message.replace("\r\n ", " ") or "=?utf-8?" in message
    assert "To: ops@example.org" in message and "From: ci@example.org" in message


def test_notices_arrive_in_order(serve: Callable[[type[Any]], int]) -> None:
    courier = Courier(Targets(f"http://127.0.0.1:{serve(Receiver)}/"))
    for outcome in ("started", "succeeded"):
        assert courier.send(Notice(**vars(NOTICE) | {"outcome": outcome})) == []
    assert courier.settle() == []
    assert [sent["outcome"] for _, sent in Receiver.seen] == ["started", "succeeded"]
    assert courier.settle() == []


def test_what_does_not_take_it_is_said_without_its_address(
    serve: Callable[[type[Any]], int], closed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Receiver, "status", 404)
    refused = {"to": ["ops@example.org"], "server": f"127.0.0.1:{closed}"}
    command = (sys.executable, "-c", "import sys; sys.exit('no such room')")
    assert problems(Targets(f"http://127.0.0.1:{serve(Receiver)}/{SECRET}", command, refused)) == [
        "notify_webhook answers 404 Not Found",
        "notify_command fails: exit status 1 no such room",
        "notify_mail fails: [Errno 111] Connection refused",
    ]
    (said,) = problems(Targets(f"http://127.0.0.1:{closed}/{SECRET}"))
    assert said == "notify_webhook fails: [Errno 111] Connection refused"


@pytest.mark.parametrize(
    "address", [f"http://127.0.0.1:x/{SECRET}", f"http://{SECRET}:{SECRET}@[/", f"https://127.0.0.1\x7f/{SECRET}"]
)
def test_no_complaint_quotes_the_address(address: str) -> None:
    (said,) = problems(Targets(address))
    assert said.startswith("notify_webhook fails: ") and SECRET not in said


def test_a_command_that_is_not_there_is_said() -> None:
    (said,) = problems(Targets(command=("/nowhere/tell",)))
    assert said == "notify_command fails: [Errno 2] No such file or directory: '/nowhere/tell'"


@pytest.mark.long
def test_whoever_does_not_answer_is_left_after_five_seconds(silent: int) -> None:
    command = ("sh", "-c", "sleep 61.25 & wait")
    mailing = {"to": ["ops@example.org"], "server": f"127.0.0.1:{silent}"}
    begun = time.monotonic()
    courier = Courier(Targets(f"http://127.0.0.1:{silent}/", command, mailing))
    courier.send(NOTICE)
    assert time.monotonic() - begun < 1
    said = courier.settle()
    assert time.monotonic() - begun < messenger.SECONDS + 2
    assert said == [f"notify_{name} did not answer within 5 s" for name in ("webhook", "command", "mail")]
    assert "sleep 61.25" not in arguments()


def test_the_address_is_in_no_argument_list(silent: int) -> None:
    courier = Courier(Targets(f"http://127.0.0.1:{silent}/{SECRET}"))
    courier.send(NOTICE)
    process = courier._under_way
    assert process
    assert SECRET not in Path(f"/proc/{process.pid}/cmdline").read_text()
    assert SECRET not in arguments()
    process.kill()
    courier.settle()
