# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apps on Heroku: the plan, against a platform that does what it is told."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_app import (
    NOTE,
    Addon,
    Found,
    Step,
    Wanted,
    blank,
    changes,
    plan,
    read,
    removal,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_picture import after, picture, shown, strangers

NAMES, VALUES = st.sampled_from(["A", "B", "C", "D"]), st.sampled_from(["", "1", "2"])
CONFIG = st.dictionaries(NAMES, VALUES)
PLANS = st.sampled_from(["pg:small", "pg:large", "mq:lemur"])
ADDONS = st.lists(PLANS, unique_by=lambda entry: entry.partition(":")[0]).map(tuple)
WANTED = st.builds(Wanted, st.just("blog"), st.just(""), st.just(""), st.sampled_from(["h-24", "h-26"]), ADDONS, CONFIG)
# what people, add-ons and an earlier run of ours may have left
NOTES = st.none() | st.lists(NAMES, unique=True).map(" ".join)
FOUND = st.builds(
    lambda stack, addons, config, note: Found(
        "us", "", stack, tuple(Addon(f"{plan}-1", plan, "provisioned") for plan in addons),
        config | ({} if note is None else {NOTE: note}),
    ),
    st.sampled_from(["h-24", "h-26"]), ADDONS, CONFIG, NOTES,
)  # fmt: skip


def apply(steps: list[Step], wanted: Wanted, found: Found | None) -> Found:
    """What the platform makes of the requests."""
    there = found or blank(wanted)
    for step in steps:
        body: Any = step.body
        if step.path.endswith("/config-vars"):
            merged = {**there.config, **body}
            there = dataclasses.replace(
                there, config={key: value for key, value in merged.items() if value is not None}
            )
        elif step.path.endswith("/addons"):
            there = dataclasses.replace(there, addons=(*there.addons, Addon("new", body["plan"], "provisioned")))
        elif "/addons/" in step.path:
            name = step.path.rpartition("/")[2]
            rows = [dataclasses.replace(row, plan=body["plan"]) if row.name == name else row for row in there.addons]
            there = dataclasses.replace(there, addons=tuple(rows))
        elif step.method == "PATCH":
            there = dataclasses.replace(there, stack=body["build_stack"])
    return there


@given(WANTED, st.none() | FOUND)
def test_nothing_is_left_to_do_after_the_plan(wanted: Wanted, found: Found | None) -> None:
    there = apply(plan(wanted, found), wanted, found)
    assert plan(wanted, there) == []
    assert picture(there) == picture(after(wanted, found))
    assert all(there.config[name] == value for name, value in wanted.config.items())


@given(WANTED, FOUND)
def test_what_others_have_set_stays(wanted: Wanted, found: Found) -> None:
    there = apply(plan(wanted, found), wanted, found)
    others = set(found.config) - found.ours - set(wanted.config) - {NOTE}
    assert {name: there.config[name] for name in others} == {name: found.config[name] for name in others}


@given(WANTED, FOUND)
def test_config_vars_change_in_one_request(wanted: Wanted, found: Found) -> None:
    assert sum(step.path.endswith("/config-vars") for step in plan(wanted, found)) <= 1


WISH = Wanted("blog", "eu", "", "h-24", ("pg:small",), {"KEY": "hunter2"})


def test_a_new_app_gets_all_of_it() -> None:
    steps = plan(WISH, None)
    assert [(step.method, step.path, step.body) for step in steps] == [
        ("POST", "/apps", {"name": "blog", "stack": "h-24", "region": "eu"}),
        ("POST", "/apps/blog/addons", {"plan": "pg:small"}),
        ("PATCH", "/apps/blog/config-vars", {"KEY": "hunter2", NOTE: "KEY"}),
    ]
    assert steps[0].text == "create the app blog (stack h-24, region eu)"


def test_an_app_of_a_team_is_made_there() -> None:
    (step, *_rest) = plan(dataclasses.replace(WISH, team="we"), None)
    assert (step.path, step.body) == ("/teams/apps", {"name": "blog", "stack": "h-24", "region": "eu", "team": "we"})


def test_one_that_leaves_goes_and_one_that_an_addon_took_over_stays() -> None:
    addon = Addon("pg-1", "pg:small", "provisioned", ("OLD_URL",))
    found = Found("eu", "", "h-24", (addon,), {"KEY": "hunter2", "GONE": "x", "OLD_URL": "y", NOTE: "GONE KEY OLD_URL"})
    assert changes(WISH, found) == {"GONE": None, NOTE: "KEY"}
    assert [step.text for step in plan(WISH, found)] == [f"config vars: change {NOTE}; remove GONE"]
    assert changes(dataclasses.replace(WISH, config={}), found) == {"GONE": None, "KEY": None, NOTE: None}


def test_values_are_in_nothing_that_is_shown() -> None:
    found = Found("eu", "", "h-24", (), {"KEY": "hunter1"})
    everything = [
        repr(WISH),
        repr(found),
        repr(plan(WISH, found)),
        picture(found),
        picture(after(WISH, found), {"KEY": ""}),
    ]
    assert "hunter" not in "".join(everything)
    assert "config: KEY (another value)" in everything[-1] and picture(None) == ""


def test_addons_that_nobody_asked_for_are_named() -> None:
    found = Found(
        "eu", "", "h-24", (Addon("mq-1", "mq:lemur", "provisioned"), Addon("pg-1", "pg:x", "provisioned")), {}
    )
    assert strangers(WISH, found) == ["mq-1 (mq:lemur)"]
    assert strangers(WISH, None) == []


def test_what_the_platform_shows_is_read() -> None:
    named = {"id": "1", "name": "x"}
    app = {**named, "web_url": "w", "git_url": "g", "region": named, "team": named, "stack": {"name": "old"}}
    addon = {"name": "pg-1", "plan": {"name": "pg:small"}, "state": "provisioned", "config_vars": ["DATABASE_URL"]}
    found = read({**app, "build_stack": {"name": "new"}}, [addon], {})
    assert (found.stack, found.team, found.region, found.owned) == ("new", "x", "x", {"DATABASE_URL"})
    assert read({**app, "team": None, "build_stack": None}, [], {}).stack == "old"
    assert shown(app) == {"name": "x", "id": "1", "web_url": "w", "git_url": "g", "stack": "old", "region": "x"}
    assert shown({}) == {}


@pytest.mark.parametrize(
    ("addons", "text"),
    [((), "delete the app blog"), ((Addon("a", "pg:x", "provisioned"),), "delete the app blog with pg:x")],
)
def test_removal(addons: tuple[Addon, ...], text: str) -> None:
    (step,) = removal("blog", Found("eu", "", "h-24", addons, {}))
    assert (step.text, step.method, step.path) == (text, "DELETE", "/apps/blog")
    assert removal("blog", None) == []
