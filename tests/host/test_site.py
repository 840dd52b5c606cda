# SPDX-License-Identifier: GPL-3.0-or-later
"""What a visitor of the blog gets."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPResponse

import pytest

from tests import hosts


def ask(host: hosts.Host, path: str) -> HTTPResponse:
    response: HTTPResponse = urllib.request.urlopen(host.url + path, timeout=10)
    return response


@pytest.mark.parametrize("path", ["/", "/healthz", "/version", "/static/style.css"])
def test_answers(outside: hosts.Host, path: str) -> None:
    with ask(outside, path) as response:
        assert response.status == 200
        assert response.read()


def test_unknown_page_is_the_applications_answer(outside: hosts.Host) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        ask(outside, "/no-such-page")
    refused.value.close()


def test_static_files_may_be_kept(outside: hosts.Host) -> None:
    with ask(outside, "/static/style.css") as response:
        assert "max-age" in response.headers["Cache-Control"]
