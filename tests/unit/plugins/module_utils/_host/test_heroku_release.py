# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release on Heroku that is not well: who is told what, and what is taken back. All else: tests/ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import heroku_release, heroku_watch
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_release import Wish, converge
from tests.unit.plugins.module_utils._host.samples import commit
from tests.unit.plugins.module_utils._host.tiny_heroku import Clock, Said, Tiny, Turns

RELEASES, FORMATION = "GET /apps/blog/releases", "GET /apps/blog/formation"


def release(version: int, slug: str, status: str = "succeeded", current: bool = False) -> dict[str, Any]:
    more = {"description": f"Deploy {slug}", "output_stream_url": None, "current": current}
    return {"id": f"id-{version}", "version": version, "status": status, "slug": {"id": slug} if slug else None, **more}


def web(quantity: int) -> list[dict[str, Any]]:
    return [{"type": "web", "quantity": quantity, "size": "Basic"}]


FIRST, OLD, BAD = release(0, ""), release(2, "old"), release(3, "bad", current=True)
BACK = release(4, "old", current=True)
# what is wanted was built once, and failed; it is released again
BEFORE = [{**OLD, "current": True}, release(1, "bad", "failed"), FIRST]
AFTER = [BAD, OLD, FIRST]


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    head = commit(tmp_path / "tree", {"Procfile": "web: x\n"})
    return Wish("blog", tmp_path / "tree", head, "http://127.0.0.1:1/blog.git", {}, "/", 5, "")


@pytest.fixture
def api(tiny: Tiny, wish: Wish, monkeypatch: pytest.MonkeyPatch) -> Api:
    """`old` is live, `bad` was built from what is wanted, and no site of this app is ever well."""
    monkeypatch.setattr(heroku_watch, "time", Clock())
    monkeypatch.setattr(heroku_release.Remote, "head", lambda _self: wish.commit)
    tiny.answers |= {
        "GET /account": {"email": "you@example.org"},
        "GET /apps/blog": {"name": "blog", "maintenance": False, "web_url": f"{tiny.url}/"},
        "GET /apps/blog/slugs/old": {"commit": "0" * 40}, "GET /apps/blog/slugs/bad": {"commit": wish.commit},
        "GET /apps/blog/dynos": [{"name": "web.1", "type": "web", "state": "up", "release": {"version": 9}}],
        "GET /": Said(500, "broken"), FORMATION: web(1), "POST /apps/blog/releases": {},
        "PATCH /apps/blog/formation": {},
        "POST /apps/blog/log-sessions": {"logplex_url": f"{tiny.url}/log"}, "GET /log": "app[web.1]: it broke\n",
    }  # fmt: skip
    return Api(tiny.url, "key")


def told(api: Api, wish: Wish) -> str:
    with pytest.raises(SlipwayError) as caught:
        converge(api, wish, check=False)
    return str(caught.value)


def test_it_goes_back_and_says_that_the_old_one_is_not_well_either(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers[RELEASES] = Turns(*[BEFORE] * 3, *[AFTER] * 3, [BACK, *AFTER])
    said = told(api, wish)
    assert "v3 (Deploy bad) of blog is not well:" in said and "500: broken" in said and "app[web.1]: it broke" in said
    assert "Went back to v2 (00000000), and that is not well either" in said
    assert [body for line, body in zip(tiny.asked, tiny.bodies, strict=True) if line == "POST /apps/blog/releases"] == [
        {"slug": "bad"},
        {"release": "id-2"},
    ]


def test_going_back_can_fail_as_well(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers[RELEASES] = Turns(*[BEFORE] * 3, *[AFTER] * 3, [release(4, "old", "failed"), *AFTER])
    assert "Going back to v2 failed, so v3 stays:" in told(api, wish)


def test_before_the_first_code_there_is_nothing_to_go_back_to(api: Api, tiny: Tiny, wish: Wish) -> None:
    before = [release(1, "bad", "failed"), {**FIRST, "current": True}]
    tiny.answers[RELEASES] = Turns(*[before] * 3, [BAD, FIRST])
    assert "It is the first release with code, so there is none to go back to." in told(api, wish)
    assert tiny.changed().count("POST /apps/blog/releases") == 1


def test_one_that_was_live_before_is_judged_and_left(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers[RELEASES] = [BAD, OLD]
    assert told(api, wish).endswith("This run changed nothing. To go back, give heroku_release rollback=previous.")
    assert tiny.changed() == ["POST /apps/blog/log-sessions"]


def test_commits_are_asked_only_of_slugs_that_matter(api: Api, tiny: Tiny, wish: Wish, monkeypatch) -> None:
    tiny.answers |= {RELEASES: [BAD, OLD, FIRST], "GET /": "well"}
    monkeypatch.setattr(heroku_release.Remote, "head", lambda _self: "0" * 40)
    assert converge(api, wish, check=True).steps == []
    assert [line for line in tiny.asked if "/slugs/" in line] == ["GET /apps/blog/slugs/bad"]


def test_other_dynos_under_the_same_release_are_taken_back(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers[RELEASES] = [BAD, OLD]
    tiny.answers[FORMATION] = Turns(web(1), web(1), web(2), web(2), web(1))
    tiny.answers["GET /apps/blog/dynos"] = Turns(
        *[[{"name": f"web.{n}", "type": "web", "state": "up", "release": {"version": 9}} for n in range(2)]] * 50
    )
    wish = Wish(**{**vars(wish), "formation": {"web": {"quantity": 2}}})
    told(api, wish)
    scaled = [body for line, body in zip(tiny.asked, tiny.bodies, strict=True) if line == "PATCH /apps/blog/formation"]
    assert [body["updates"][0]["quantity"] for body in scaled] == [2, 1]
    assert "POST /apps/blog/releases" not in tiny.asked


def test_a_formation_that_is_refused_is_told_with_what_is_live(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers[RELEASES] = [BAD, OLD]
    tiny.answers["PATCH /apps/blog/formation"] = Said(422, {"message": "Cannot mix Basic and Standard."})
    wish = Wish(**{**vars(wish), "formation": {"web": {"quantity": 2}}})
    said = told(api, wish)
    assert "v3 of blog is live, and its formation is not as wanted" in said and "Cannot mix" in said


def test_nobody_asks_a_site_in_maintenance(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers[RELEASES] = [BAD, OLD]
    tiny.answers["GET /apps/blog"] = {"name": "blog", "maintenance": True, "web_url": f"{tiny.url}/"}
    outcome = converge(api, wish, check=False)
    assert "maintenance mode" in outcome.warnings[0] and "GET /" not in tiny.asked


def test_check_mode_tells_of_an_app_that_is_not_there_yet(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers["GET /apps/blog"] = Said(404)
    wish = Wish(**{**vars(wish), "formation": {"web": {"quantity": 2}}})
    outcome = converge(api, wish, check=True)
    assert [step.act for step in outcome.steps] == ["push", "scale"] and outcome.before["version"] == 0
    with pytest.raises(SlipwayError, match="Heroku has no such app"):
        converge(api, Wish(**{**vars(wish), "rollback": "previous"}), check=True)


def test_what_is_wrong_is_said_together(api: Api, tiny: Tiny, wish: Wish) -> None:
    tiny.answers["GET /apps/blog"] = Said(404)
    tiny.answers["GET /dyno-sizes"] = [{"name": "Basic"}]
    formation = {"wbe": {"quantity": 1}, "web": {"size": "giant"}}
    said = told(
        api, Wish(**{**vars(wish), "formation": formation, "health_path": "x", "git_url": "http://example.org/x"})
    )
    for part in ("5 things", "Heroku has no such app", "giant", "health_path", "formation has wbe", "git_url"):
        assert part in said
    said = told(api, Wish(**{**vars(wish), "commit": "f" * 40}))
    assert f"in which there is no commit {'f' * 40}" in said
    assert tiny.changed() == []
