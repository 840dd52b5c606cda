# SPDX-License-Identifier: GPL-3.0-or-later
"""The server: API, git, and the streams of logs and releases, on one port."""

from __future__ import annotations

import base64
import binascii
import http.server
import json
import os
import re
import subprocess
import urllib.parse
from pathlib import Path
from typing import Any

from . import api_apps, api_catalogue, api_parts, build, releases, routes
from .world import HOME, LOCK, Account, Fault, World

WORLD = World()
API = (api_apps, api_catalogue, api_parts)  # each adds its rows to the routes
CREATED = {("POST", part) for part in ("apps", "addons", "releases", "log-sessions")}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        """The journal of the host would hold every poll."""

    def _serve(self) -> None:
        path, _mark, query = self.path.partition("?")
        body = self._body()
        try:
            if found := re.fullmatch(r"/(streams|logs)/([0-9a-f-]{36})", path):
                self._text(found[1], found[2], dict(urllib.parse.parse_qsl(query)))
                return
            user = self._user()
            if path == "/-/build":
                self._build(json.loads(body))
            elif found := re.match(r"/([a-z0-9-]+)[.]git(/.*)", path):
                self._git(WORLD.app(found[1], user).name, user, found[2], query, body)
            else:
                self._json(path, user, json.loads(body or b"{}") or {})
        except Fault as fault:
            self._send(fault.status, json.dumps(fault.body).encode(), **fault.headers)

    def _json(self, path: str, user: Account, body: dict[str, Any]) -> None:
        if path == "/-/busy":
            WORLD.busy, WORLD.retry_after = body["count"], body["retry_after"]
            self._send(200, b"{}")
            return
        if WORLD.busy > 0:
            WORLD.busy -= 1
            fault = Fault(429, "rate_limit", "Your account reached the API limit. Please wait a few minutes.")
            fault.headers["Retry-After"] = str(WORLD.retry_after)
            raise fault
        said_range = self.headers.get("Range", "")
        with LOCK:
            shown = routes.answer(self.command, path, lambda parts: routes.Asked(WORLD, user, parts, body, said_range))
        status = 201 if (self.command, path.rpartition("/")[2]) in CREATED else 200
        more = {"Content-Range": "all"} if isinstance(shown, list) else {}
        self._send(status, json.dumps(shown).encode(), **more)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="heroku"')
        self.end_headers()
        self.wfile.write(body)

    def _user(self) -> Account:
        kind, _space, said = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            try:
                said = base64.b64decode(said).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                said = ""
        return WORLD.account(said)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _stream(self, kind: str) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()

    def _text(self, kind: str, ident: str, asked: dict[str, str]) -> None:
        """Whoever has such an address may read, as with Heroku's signed ones."""
        with LOCK:
            apps = list(WORLD.apps.values())
            if kind == "logs":
                found = [
                    app.log.tail(int(asked["lines"]), asked.get("source", ""), asked.get("dyno", ""))
                    for app in apps
                    if app.id == ident
                ]
            else:
                found = [release.output for app in apps for release in app.releases if release.id == ident]
        if not found:
            raise Fault(404, "not_found", "There is no such stream.")
        if self.headers.get("Accept", "") == "text/event-stream":
            events = "".join(f"data: {line}\n\n" for line in found[0].splitlines())
            self._stream("text/event-stream")
            self.wfile.write(events.encode())
        else:
            self._send(200, found[0].encode(), **{"Content-Type": "text/plain"})

    def _build(self, asked: dict[str, str]) -> None:
        """The hook of a repository asks, and prints what it is told."""
        app = WORLD.apps[asked["app"]]
        user = next(one for one in WORLD.accounts if one.email == asked["user"])
        self._stream("text/plain")

        def say(line: str) -> None:
            self.wfile.write(f"{line}\n".encode())
            self.wfile.flush()

        try:
            slug = build.build(app, Path(asked["folder"]), asked["commit"], asked["subject"], say)
        except build.Rejected as why:
            say(f" !     {why}")
            say(" !     Push rejected, failed to compile Python app.")
            say("rejected")
            return
        app.built_stack = ""
        release = releases.create(app, user, f"Deploy {asked['commit'][:8]}", slug=slug)
        say(f"-----> Launching...\n       Released v{release.version}")
        say(f"       {WORLD.web_url(app)} deployed to Heroku")
        if release.has_phase:
            say("Running release command...")
            releases.ended(release)
            say(release.output.rstrip("\n"))
            say("Waiting for release.... " + ("done." if release.status == "succeeded" else "failed."))
        say("ok")

    def _git(self, name: str, user: Account, path: str, query: str, body: bytes) -> None:
        """git's own program for HTTP, run as the CGI that it is."""
        told = {
            "GIT_PROJECT_ROOT": str(HOME / "git"), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": f"/{name}.git{path}",
            "REQUEST_METHOD": self.command, "QUERY_STRING": query, "REMOTE_USER": user.email, "STANDIN_APP": name,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }  # fmt: skip
        process = subprocess.Popen(
            ["git", "http-backend"],
            env={**os.environ, **told},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert process.stdin and process.stdout
        process.stdin.write(body)
        process.stdin.close()
        headers = dict(line.decode().rstrip().split(": ", 1) for line in iter(process.stdout.readline, b"\r\n") if line)
        self.close_connection = True
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for key, value in {**headers, "Connection": "close"}.items():
            self.send_header(key, value)
        self.end_headers()
        while part := process.stdout.read(65536):
            self.wfile.write(part)
        process.wait()


def main() -> None:
    for folder in ("git", "slugs", "dynos", "venvs", "cache"):
        (HOME / folder).mkdir(parents=True, exist_ok=True)
    (HOME / "dynos").chmod(0o777)
    http.server.ThreadingHTTPServer(("0.0.0.0", WORLD.port), Handler).serve_forever()


main()
