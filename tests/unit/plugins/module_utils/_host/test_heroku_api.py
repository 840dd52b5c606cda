# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of Heroku's API: what it asks again, what it never does, and what it says."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import heroku_api
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api, Refused
from tests.unit.plugins.module_utils._host.tiny_heroku import CUT, Said, Tiny, Turns

KEY = "correct-horse"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are written down and not waited for."""
    waited: list[float] = []
    monkeypatch.setattr(heroku_api.time, "sleep", waited.append)
    return waited


@pytest.fixture
def api(tiny: Tiny) -> Api:
    return Api(tiny.url + "/", KEY)


def test_a_question_is_asked_as_heroku_wants_it(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /apps/blog/releases"] = [{"version": 1}]
    assert api.get("/apps/blog/releases", Range="version ..; order=desc,max=1") == [{"version": 1}]
    (headers,) = tiny.headers
    assert headers["Accept"] == "application/vnd.heroku+json; version=3"
    assert headers["Authorization"] == f"Bearer {KEY}" and headers["Range"] == "version ..; order=desc,max=1"


def test_a_question_without_an_answer_is_asked_again(api: Api, tiny: Tiny, soon: list[float]) -> None:
    tiny.answers["GET /x"] = Turns(CUT, Said(503, "<html>busy</html>"), {"well": True})
    assert api.get("/x") == {"well": True}
    assert len(tiny.asked) == 3 and soon == [0.5, 1.0]


def test_and_not_for_ever(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /x"] = CUT
    with pytest.raises(SlipwayError, match=r"GET http://127\.0\.0\.1:\d+/x: no answer") as caught:
        api.get("/x")
    assert len(tiny.asked) == 1 + len(heroku_api.PAUSES) and KEY not in str(caught.value)


def test_what_changes_something_is_never_sent_twice(api: Api, tiny: Tiny) -> None:
    tiny.answers["POST /x"] = CUT
    with pytest.raises(SlipwayError, match="Whether it was done is unknown"):
        api.send("POST", "/x", {"a": 1})
    tiny.answers["POST /x"] = Said(503, {"message": "Try later."})
    with pytest.raises(Refused, match="503, Try later"):
        api.send("POST", "/x", {"a": 1})
    assert tiny.asked == ["POST /x"] * 2 and tiny.bodies == [{"a": 1}] * 2


def test_too_many_requests_are_waited_for_as_told(api: Api, tiny: Tiny, soon: list[float]) -> None:
    busy = Said(429, {"id": "rate_limit", "message": "Slow down."}, {"Retry-After": "7"})
    tiny.answers["POST /x"] = Turns(busy, Said(429, ""), Said(429, ""), {"done": True})
    assert api.send("POST", "/x") == {"done": True}
    assert soon == [7.0, 14.0, 28.0]


def test_and_given_up_when_that_would_take_too_long(api: Api, tiny: Tiny, soon: list[float]) -> None:
    tiny.answers["GET /x"] = Said(429, {"message": "Slow down."}, {"Retry-After": "3600"})
    with pytest.raises(Refused, match="429, Slow down"):
        api.get("/x")
    assert soon == []


def test_a_refusal_has_its_status_and_its_words(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /x"] = Said(403, {"id": "forbidden", "message": "You do not have access."})
    with pytest.raises(Refused, match="403, You do not have access") as caught:
        api.get("/x")
    assert caught.value.status == 403 and len(tiny.asked) == 1
    tiny.answers["GET /x"] = Said(418, "")
    with pytest.raises(Refused, match="418, I'm a Teapot"):
        api.get("/x")


def test_what_is_not_there_is_none(api: Api, tiny: Tiny) -> None:
    assert api.found("/apps/nobody") is None
    tiny.answers["GET /x"] = Said(401, {"message": "Invalid credentials provided."})
    with pytest.raises(Refused, match="401"):
        api.found("/x")


@pytest.mark.parametrize("answer", ["<html>a proxy's page</html>", '{"cut off'])
def test_an_answer_that_is_no_json(api: Api, tiny: Tiny, answer: str) -> None:
    tiny.answers["GET /x"] = answer
    with pytest.raises(SlipwayError, match="the answer is no JSON"):
        api.get("/x")


def test_the_key_follows_no_redirect(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /x"] = Said(302, "", {"Location": f"{tiny.url}/elsewhere"})
    with pytest.raises(Refused, match="302"):
        api.get("/x")
    assert tiny.asked == ["GET /x"]


def test_a_stream_is_read_without_the_key(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /stream"] = "line one\nline two\n"
    assert api.stream(f"{tiny.url}/stream") == "line one\nline two\n"
    assert "Authorization" not in tiny.headers[0]
    assert api.stream(f"{tiny.url}/gone") == ""


def test_of_a_stream_that_stays_open_all_that_came_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heroku_api, "STREAM_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            connection, _address = server.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nline one\n")
            done.wait(5)
            connection.close()

        done = threading.Event()
        thread = threading.Thread(target=speak)
        thread.start()
        assert api.stream(f"http://127.0.0.1:{server.getsockname()[1]}/") == "line one\n"
        done.set()
        thread.join()


def test_looks_are_further_and_further_apart() -> None:
    looks = heroku_api.pauses()
    waits = [next(looks) for _ in range(30)]
    assert waits[0] < 0.5 and waits == sorted(waits) and waits[-1] == 5.0


def test_nobody_listens() -> None:
    started = time.monotonic()
    with pytest.raises(SlipwayError, match=r"no answer \(.*refused"):
        Api("http://127.0.0.1:1", KEY).get("/x")
    assert time.monotonic() - started < 3
