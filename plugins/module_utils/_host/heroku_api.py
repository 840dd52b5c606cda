# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Heroku's API over HTTP: https://devcenter.heroku.com/articles/platform-api-reference"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

ASK_SECONDS = 30.0
# a question is asked again when nobody answered; a request that changes something never is
PAUSES = (0.5, 1.0, 2.0)
BUSY_SECONDS = 120.0
STREAM_BYTES, STREAM_SECONDS = 1_000_000, 10.0
_GONE, _AWAY = (404, 410), (502, 503, 504)


def pauses() -> Iterator[float]:
    """How long to wait between two looks at something that goes on over there: longer each time."""
    pause = 0.3
    while True:
        yield pause
        pause = min(1.3 * pause, 5.0)


class Refused(SlipwayError):
    """An answer that is no success; `status` as HTTP has it."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class Api:
    """The platform, asked with somebody's key."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url.rstrip("/"), key
        self._opener = urllib.request.build_opener(_Stay)

    def get(self, path: str, **headers: str) -> Any:
        for pause in (*PAUSES, None):
            try:
                return self._call("GET", path, None, headers)
            except (Refused, OSError, http.client.HTTPException) as error:
                if pause is None or (isinstance(error, Refused) and error.status not in _AWAY):
                    raise _told("GET", self.url + path, error) from error
                time.sleep(pause)
        raise AssertionError("the last pause is none")

    def found(self, path: str) -> Any:
        """The same of something that may not be there: None."""
        try:
            return self.get(path)
        except Refused as error:
            if error.status in _GONE:
                return None
            raise

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A request that changes something."""
        try:
            return self._call(method, path, body, {})
        except (OSError, http.client.HTTPException) as error:
            raise _told(method, self.url + path, error, " Whether it was done is unknown; run again.") from error

    def stream(self, url: str) -> str:
        """What stands behind an address that the platform gave away, which opens without a key; empty: nothing.

        A stream that somebody keeps open is left when it has said nothing for a while.
        """
        said = b""
        request = urllib.request.Request(url, headers={"Accept": "text/plain", "User-Agent": "slipway"})
        try:
            with self._opener.open(request, timeout=STREAM_SECONDS) as answer:
                while len(said) < STREAM_BYTES and (part := answer.read1(65536)):
                    said += part
        except urllib.error.HTTPError as error:
            error.close()
        except (OSError, http.client.HTTPException):
            pass  # what came until then is told
        return said.decode("utf-8", "replace")

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Any:
        request = urllib.request.Request(self.url + path, method=method)
        request.data = None if body is None else json.dumps(body).encode()
        own = {"Accept": "application/vnd.heroku+json; version=3", "Authorization": f"Bearer {self.key}"}
        for name, value in {**own, "Content-Type": "application/json", "User-Agent": "slipway", **headers}.items():
            request.add_header(name, value)
        deadline = time.monotonic() + BUSY_SECONDS
        pause = 1.0
        while True:
            try:
                with self._opener.open(request, timeout=ASK_SECONDS) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                said = _said(error)
                # too many requests: nothing was done, so all may be asked again
                pause = _longer(error, pause)
                if error.code != 429 or time.monotonic() + pause > deadline:
                    raise Refused(f"{method} {self.url}{path}: {error.code}, {said}", error.code) from None
            except ValueError as error:
                raise Refused(f"{method} {self.url}{path}: the answer is no JSON ({error}).", 200) from None
            time.sleep(pause)


class _Stay(urllib.request.HTTPRedirectHandler):
    """The key goes to nobody whom somebody else names."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _said(error: urllib.error.HTTPError) -> str:
    with error:
        text = error.read(10_000).decode("utf-8", "replace")
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:300].strip() or str(error.reason)


def _longer(error: urllib.error.HTTPError, pause: float) -> float:
    """As long as the platform says, else longer each time."""
    said = str(error.headers.get("Retry-After", ""))
    return float(said) if said.isdigit() else min(2 * pause, 30.0)


def _told(method: str, url: str, error: Exception, more: str = "") -> SlipwayError:
    if isinstance(error, SlipwayError):
        return error
    reason = getattr(error, "reason", None) or error
    return SlipwayError(f"{method} {url}: no answer ({reason}).{more}")
