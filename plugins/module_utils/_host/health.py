# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask an application whether it is well, on a private socket or through the front server."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from ansible_collections.slipway.flask.plugins.module_utils._host.supervisor import UnixConnection

ASK_SECONDS = 10.0
PAUSE_SECONDS = 0.05
# an application may answer "not yet" while it warms up, but not for ever
UNWELL_SECONDS = 10.0
REDIRECTS = 3


@dataclass(frozen=True)
class Site:
    """Who the request claims to be for: the real name and scheme, since applications refuse others."""

    path: str
    host: str
    scheme: str = "http"


@dataclass(frozen=True)
class Answer:
    """What came back; `status` 0 when nothing did, and `said` tells why."""

    status: int
    said: str
    seconds: float

    @property
    def well(self) -> bool:
        return 200 <= self.status < 300


Connect = Callable[[float], http.client.HTTPConnection]


def through(path: PurePath) -> Connect:
    return lambda timeout: UnixConnection(path, timeout)


def at(address: str, port: int) -> Connect:
    return lambda timeout: http.client.HTTPConnection(address, port, timeout=timeout)


def encrypted(address: str, port: int, name: str) -> Connect:
    return lambda timeout: _Encrypted(address, port, name, timeout)


class _Encrypted(http.client.HTTPConnection):
    """The site `name` over TLS. Whose certificate it is, visitors judge: here only the answer counts."""

    def __init__(self, address: str, port: int, name: str, timeout: float) -> None:
        super().__init__(address, port, timeout)
        self._name = name

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.sock = context.wrap_socket(self.sock, server_hostname=self._name)


def ask(connect: Connect, site: Site, timeout: float = ASK_SECONDS) -> Answer:
    """One question, redirects on the same server followed."""
    started = time.monotonic()
    path = site.path
    answer = Answer(0, "no answer", 0.0)
    for _ in range(1 + REDIRECTS):
        status, location, said = _once(connect, site, path, timeout)
        answer = Answer(status, said, time.monotonic() - started)
        path = _target(path, location) if 300 <= status < 400 and location else ""
        if not path:
            break
    return answer


def wait(connect: Connect, site: Site, limit: float, alive: Callable[[], bool]) -> Answer:
    """Ask until the application is well, it died, or time is over; the last answer.

    It has `limit` seconds to answer at all, and from its first answer UNWELL_SECONDS to become well.
    """
    deadline = time.monotonic() + limit
    answered = False
    while True:
        answer = ask(connect, site, timeout=max(0.5, deadline - time.monotonic()))
        if answer.status and not answered:
            answered, deadline = True, min(deadline, time.monotonic() + UNWELL_SECONDS)
        if answer.well or time.monotonic() > deadline or not alive():
            return answer
        time.sleep(PAUSE_SECONDS if answer.status == 0 else 0.5)


def _target(path: str, location: str) -> str:
    """The path that a redirect leads to; empty for a location that cannot be read."""
    try:
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(path, location))
    except ValueError:
        return ""
    return urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _once(connect: Connect, site: Site, path: str, timeout: float) -> tuple[int, str, str]:
    connection = connect(timeout)
    headers = {
        "Host": site.host,
        "X-Forwarded-Proto": site.scheme,
        "X-Forwarded-Host": site.host,
        "X-Forwarded-For": "127.0.0.1",
        "User-Agent": "slipway-health",
        "Connection": "close",
    }
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read(2000).decode("utf-8", "replace")
        return response.status, response.getheader("Location") or "", f"{response.status} {response.reason}: {body}"
    # ValueError: a path that no request can carry, such as one an application redirects to
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, "", f"{type(error).__name__}: {error}"
    finally:
        connection.close()
