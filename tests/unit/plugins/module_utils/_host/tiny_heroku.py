# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A platform of a few lines: each address has an answer."""

from __future__ import annotations

import http.server
import json
import threading
from dataclasses import dataclass, field
from typing import Any

CUT = object()
"""No answer: the connection ends."""


@dataclass(frozen=True)
class Said:
    """An answer that is no success, or not JSON."""

    status: int
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)


class Clock:
    """Time goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Turns:
    """One answer after the other; the last stays."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    def next(self) -> Any:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Tiny:
    """`answers` maps "GET /path" to an answer."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def changed(self) -> list[str]:
        """Requests that wanted to change something."""
        return [line for line in self.asked if not line.startswith("GET ")]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _next(self, line: str) -> Any:
        answer = self.answers.get(line, Said(404, {"id": "not_found", "message": f"There is no {line}."}))
        return answer.next() if isinstance(answer, Turns) else answer

    def _handler(tiny) -> type[http.server.BaseHTTPRequestHandler]:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                line = f"{self.command} {self.path}"
                tiny.asked.append(line)
                tiny.bodies.append(json.loads(body) if body else None)
                tiny.headers.append(dict(self.headers))
                answer = tiny._next(line)
                if answer is CUT:
                    self.close_connection = True
                    return
                said = answer if isinstance(answer, Said) else Said(200, answer)
                text = said.body if isinstance(said.body, str) else json.dumps(said.body)
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_PATCH = do_DELETE = do_GET

            def log_message(self, format: str, *arguments: object) -> None:
                """Quiet."""

        return Handler
