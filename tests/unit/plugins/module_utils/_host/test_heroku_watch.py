# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for Heroku: what ends it, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_formation import Kind
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_release import Release
from ansible_collections.slipway.flask.plugins.module_utils._host import heroku_watch
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_watch import ANSWERS, Unwell, Watch
from tests.unit.plugins.module_utils._host.tiny_heroku import Clock, Said, Tiny, Turns

RELEASE = Release("id", 7, "succeeded", True, "slug", "Deploy")
FORMATION = {"web": Kind(1, "Basic"), "worker": Kind(1, "Basic")}
RELEASES, DYNOS = "GET /apps/blog/releases", "GET /apps/blog/dynos"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(heroku_watch, "time", made)
    return made


@pytest.fixture
def watch(tiny: Tiny) -> Watch:
    return Watch(Api(tiny.url, "key"), "blog", 60)


def release(version: int, status: str) -> dict[str, Any]:
    more = {"slug": {"id": "s"}, "description": "Deploy", "output_stream_url": None, "current": False}
    return {"id": str(version), "version": version, "status": status, **more}


def dynos(web: str = "up", worker: str = "up", version: int = 7) -> list[dict[str, Any]]:
    rows = (("web", web), ("worker", worker))
    return [{"name": f"{k}.1", "type": k, "state": s, "release": {"version": version}} for k, s in rows]


def test_a_release_is_waited_for_until_it_is_no_longer_pending(watch: Watch, tiny: Tiny) -> None:
    old, new = release(6, "succeeded"), release(7, "pending")
    tiny.answers[RELEASES] = Turns([old], [new, old], [new, old], [release(7, "failed"), old])
    assert watch.settled(6).status == "failed"
    assert len(tiny.asked) == 4


def test_and_no_longer_than_allowed(watch: Watch, tiny: Tiny, clock: Clock) -> None:
    tiny.answers[RELEASES] = Turns([release(7, "pending")])
    with pytest.raises(
        SlipwayError, match=r"Waited 60 s .* the newest is v7 \(Deploy\), pending\. Type: heroku releases"
    ):
        watch.settled()
    assert 60 < clock.now < 70


def test_the_words_of_a_release_phase(watch: Watch, tiny: Tiny) -> None:
    tiny.answers["GET /stream"] = "migrating\nno such column\n"
    assert watch.phase(Release("i", 1, "failed", False, "s", "d", f"{tiny.url}/stream")).endswith(
        "\n    no such column"
    )
    assert "said nothing" in watch.phase(RELEASE)


def test_well_is_up_and_answering_several_times(watch: Watch, tiny: Tiny) -> None:
    tiny.answers[DYNOS] = Turns(dynos(version=6), dynos("starting"), dynos())
    tiny.answers["GET /"] = Turns(Said(200, "a"), Said(503, "not yet"), Said(200, "a"))
    watch.well(RELEASE, f"{tiny.url}/", FORMATION)
    assert tiny.asked.count("GET /") == 2 + ANSWERS


def test_a_worker_that_crashes_after_a_while_is_seen(watch: Watch, tiny: Tiny) -> None:
    tiny.answers[DYNOS] = Turns(dynos(), dynos(), dynos(worker="crashed"))
    tiny.answers["GET /"] = Said(200, "a")
    with pytest.raises(Unwell, match=r"worker\.1 is crashed"):
        watch.well(RELEASE, f"{tiny.url}/", FORMATION)


def test_a_dyno_that_stays_down_is_given_up_soon(watch: Watch, tiny: Tiny, clock: Clock) -> None:
    tiny.answers[DYNOS] = Turns(dynos("starting"), dynos("crashed"), dynos("starting"), dynos("crashed"))
    with pytest.raises(Unwell, match=r"web\.1 is crashed"):
        watch.well(RELEASE, f"{tiny.url}/", FORMATION)
    assert heroku_watch.CRASHED_SECONDS < clock.now < 15


def test_a_site_that_stays_unwell_is_given_up(watch: Watch, tiny: Tiny, clock: Clock) -> None:
    tiny.answers[DYNOS] = dynos()
    tiny.answers["GET /healthz"] = Said(500, "the database is away")
    with pytest.raises(Unwell, match=r"/healthz is not well: 500: the database is away"):
        watch.well(RELEASE, f"{tiny.url}/healthz", FORMATION)
    assert heroku_watch.UNWELL_SECONDS < clock.now < 40


def test_dynos_that_never_start_are_given_up(watch: Watch, tiny: Tiny, clock: Clock) -> None:
    tiny.answers[DYNOS] = dynos("starting")
    with pytest.raises(Unwell, match=r"web\.1 is starting"):
        watch.well(RELEASE, f"{tiny.url}/", FORMATION)
    assert 60 < clock.now < 70


def test_without_web_dynos_nobody_is_asked(watch: Watch, tiny: Tiny) -> None:
    tiny.answers[DYNOS] = dynos()[1:]
    watch.well(RELEASE, f"{tiny.url}/", {"web": Kind(0, ""), "worker": Kind(1, "")})
    assert set(tiny.asked) == {DYNOS}


def test_a_redirect_is_followed_as_a_visitor_does(tiny: Tiny) -> None:
    tiny.answers["GET /"] = Said(302, "", {"Location": "/login"})
    tiny.answers["GET /login"] = "Log in"
    answer = heroku_watch.ask(f"{tiny.url}/")
    assert (answer.well, answer.status, answer.said) == (True, 200, "200: Log in")
    assert heroku_watch.ask("http://127.0.0.1:1/").status == 0


def test_the_end_of_the_log(watch: Watch, tiny: Tiny) -> None:
    tiny.answers["POST /apps/blog/log-sessions"] = {"logplex_url": f"{tiny.url}/logs"}
    tiny.answers["GET /logs"] = "".join(f"line {number}\n" for number in range(99))
    assert watch.log().endswith("\n    line 97\n    line 98") and "line 50" not in watch.log()
    tiny.answers["GET /logs"] = ""
    assert "empty" in watch.log()
