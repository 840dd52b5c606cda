# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app on Heroku: all that is wrong at once, nothing in check mode, and waiting for add-ons."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_app import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._host import heroku_app
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api
from tests.unit.plugins.module_utils._host.tiny_heroku import Said, Tiny, Turns

WISH = Wanted("blog", "", "", "heroku-24", ("pg:small",), {"KEY": "hunter2"})
NAMED = {"id": "1", "name": "us"}
APP = {"name": "blog", "id": "1", "region": NAMED, "team": None, "stack": {"name": "heroku-24"}, "web_url": "w"}
CONFIG = {"KEY": "hunter2", "SLIPWAY_CONFIG": "KEY"}


def addon(state: str) -> dict[str, Any]:
    return {"name": "pg-1", "plan": {"name": "pg:small"}, "state": state, "config_vars": [], "provision_message": "Oh."}


@pytest.fixture
def api(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The app is there as it is wanted."""
    monkeypatch.setattr(heroku_app.time, "sleep", lambda _seconds: None)
    tiny.answers |= {
        "GET /account": {"email": "you@example.org"}, "GET /stacks": [{"name": "heroku-24"}],
        "GET /addon-services/pg/plans": [{"name": "pg:small"}], "GET /apps/blog": APP,
        "GET /apps/blog/addons": [addon("provisioned")], "GET /apps/blog/config-vars": CONFIG,
    }  # fmt: skip
    return Api(tiny.url, "key")


def test_as_it_is_wanted_nothing_is_sent(api: Api, tiny: Tiny) -> None:
    outcome = heroku_app.place(api, WISH, check=False)
    assert (outcome.steps, outcome.app, tiny.changed()) == ([], APP, [])
    assert outcome.before == outcome.after


def test_check_mode_reads_alone_and_plans_the_same(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /apps/blog"] = Said(404)
    told = heroku_app.place(api, WISH, check=True)
    assert tiny.changed() == [] and told.app == {}
    tiny.answers["GET /apps/blog"] = Turns(Said(404), APP)
    for line in ("POST /apps", "POST /apps/blog/addons", "PATCH /apps/blog/config-vars"):
        tiny.answers[line] = {}
    assert heroku_app.place(api, WISH, check=False).steps == told.steps
    assert tiny.changed() == ["POST /apps", "POST /apps/blog/addons", "PATCH /apps/blog/config-vars"]


def test_config_vars_wait_for_addons(api: Api, tiny: Tiny) -> None:
    """A name that an add-on brings has to be its own before anybody else sets it."""
    tiny.answers["GET /apps/blog/config-vars"] = {}
    tiny.answers["GET /apps/blog/addons"] = Turns([], [addon("provisioning")], [addon("provisioned")])
    tiny.answers |= {"POST /apps/blog/addons": {}, "PATCH /apps/blog/config-vars": {}}
    heroku_app.place(api, WISH, check=False)
    order = tiny.asked[tiny.asked.index("POST /apps/blog/addons") :]
    assert order[1:4] == ["GET /apps/blog/addons"] * 2 + ["PATCH /apps/blog/config-vars"]


@pytest.mark.parametrize("state", ["provisioning", "deprovisioned"])
def test_an_addon_that_does_not_come_is_named(api: Api, tiny: Tiny, state: str, monkeypatch) -> None:
    monkeypatch.setattr(heroku_app, "PROVISION_SECONDS", 0.05)
    tiny.answers["GET /apps/blog/addons"] = [addon(state)]
    with pytest.raises(SlipwayError, match=rf"pg-1 is {state}\. Oh\. Type: heroku addons --app blog"):
        heroku_app.place(api, WISH, check=False)


def test_what_was_done_before_a_refusal_is_told(api: Api, tiny: Tiny) -> None:
    tiny.answers |= {"GET /apps/blog": Said(404), "POST /apps": {}}
    tiny.answers["POST /apps/blog/addons"] = Said(402, {"id": "payment", "message": "Please verify your account."})
    with pytest.raises(SlipwayError) as caught:
        heroku_app.place(api, WISH, check=False)
    said = str(caught.value)
    assert said.startswith("Could not add pg:small: ") and "402, Please verify your account." in said
    assert "Done before that: create the app blog (stack heroku-24)." in said


def test_everything_is_said_together(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /apps/blog"] = Said(403, {"id": "forbidden", "message": "You do not have access."})
    tiny.answers["GET /teams/we"] = Said(403, {"id": "forbidden", "message": "No such team of yours."})
    wish = dataclasses.replace(WISH, team="we", stack="heroku-18", addons=("pg:huge",), config={"PORT": "1"})
    with pytest.raises(SlipwayError) as caught:
        heroku_app.place(api, wish, check=False)
    for part in (
        "5 things",
        "somebody else than you@example.org",
        "team is 'we'",
        "heroku-18",
        "plan huge",
        "config.PORT",
    ):
        assert part in str(caught.value)
    assert tiny.changed() == []


def test_a_key_that_is_refused_is_no_reason_to_ask_on(api: Api, tiny: Tiny) -> None:
    tiny.answers["GET /account"] = Said(401, {"id": "unauthorized", "message": "Invalid credentials provided."})
    with pytest.raises(SlipwayError) as caught:
        heroku_app.place(api, dataclasses.replace(WISH, name="Blog"), check=False)
    assert "2 things" in str(caught.value) and "refuses api_key" in str(caught.value)
    assert tiny.asked == ["GET /account"]


def test_without_a_key_nobody_is_asked(tiny: Tiny) -> None:
    with pytest.raises(SlipwayError, match="api_key is empty"):
        heroku_app.place(Api(tiny.url, ""), WISH, check=False)
    assert tiny.asked == []


def test_removal_wants_the_name_twice(api: Api, tiny: Tiny) -> None:
    with pytest.raises(
        SlipwayError, match=r"\(pg:small\), and delete_data is ''\. If you mean it, write delete_data: blog"
    ):
        heroku_app.remove(api, "blog", "", check=False)
    assert [step.text for step in heroku_app.remove(api, "blog", "blog", check=True).steps] == [
        "delete the app blog with pg:small"
    ]
    assert tiny.changed() == []
    tiny.answers["DELETE /apps/blog"] = {}
    heroku_app.remove(api, "blog", "blog", check=False)
    assert tiny.changed() == ["DELETE /apps/blog"]
    tiny.answers["GET /apps/blog"] = Said(404)
    assert heroku_app.remove(api, "blog", "", check=False).steps == []
