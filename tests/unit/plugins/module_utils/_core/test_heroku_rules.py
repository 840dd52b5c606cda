# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said before an app on Heroku is touched."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_rules
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_app import Addon, Found, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_rules import Catalogue

WISH = Wanted("blog", "", "", "h-24", (), {})
CATALOGUE = Catalogue(
    ["eu", "us"], ["h-24", "h-26"], ["cloudamqp", "heroku-postgresql"],
    {"heroku-postgresql": ["heroku-postgresql:essential-0"], "heroku-postgresq": None, "strange": None},
)  # fmt: skip


@pytest.mark.parametrize("name", ["Blog", "b", "blog-", "1blog", "b" * 31, "blog_1", ""])
def test_names_that_heroku_refuses(name: str) -> None:
    (problem,) = heroku_rules.judge_name(name)
    assert repr(name) in problem


def test_names_that_it_takes() -> None:
    assert not [*heroku_rules.judge_name("my-blog-2"), *heroku_rules.judge_name("b" * 30)]


@pytest.mark.parametrize(
    ("url", "key", "said"),
    [
        ("http://api.example.org", "k", "would travel readable"),
        ("api.heroku.com", "k", "write https://HOST"),
        ("ftp://api.heroku.com", "k", "write https://HOST"),
        ("https://", "k", "write https://HOST"),
        ("https://me:secret@x.org", "k", "write https://HOST"),
        ("https://api.heroku.com", " ", "api_key is empty"),
    ],
)
def test_access_that_cannot_be(url: str, key: str, said: str) -> None:
    (problem,) = heroku_rules.judge_access("api_url", url, key)
    assert said in problem


def test_access_that_can() -> None:
    for url in ("https://api.heroku.com", "http://127.0.0.1:5000", "http://localhost:1/x.git"):
        assert not list(heroku_rules.judge_access("api_url", url, "k"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "1", "config.PORT is set by Heroku itself"),
        ("DYNO", "1", "config.DYNO is set by Heroku itself"),
        ("HEROKU_APP", "1", "set by Heroku itself"),
        ("SLIPWAY_CONFIG", "A", "kept by this module"),
        ("1A", "x", "has the name '1A'"),
        ("__A", "x", "has the name '__A'"),
        ("A-B", "x", "has the name 'A-B'"),
        ("A", 4711, "config.A is a number"),
        ("A", None, "config.A is empty"),
        ("A", True, "config.A is a true/false"),
        ("A", "x\0", "zero byte"),
    ],
)
def test_config_vars_that_cannot_be(name: str, value: Any, said: str) -> None:
    (problem,) = heroku_rules.judge_wishes((), {name: value})
    assert said in problem and "4711" not in problem


def test_config_has_a_limit() -> None:
    (problem,) = heroku_rules.judge_wishes((), {"A": "x" * 65536})
    assert "larger than 64 kB" in problem and len(problem) < 200
    assert not list(heroku_rules.judge_wishes((), {"A": "x" * 65000}))


@pytest.mark.parametrize("entry", ["heroku-postgresql", "a:b:c", "A:b", ":b", "a b:c", ""])
def test_addons_have_service_and_plan(entry: str) -> None:
    (problem,) = heroku_rules.judge_wishes((entry,), {})
    assert "write SERVICE:PLAN" in problem


def test_a_service_is_there_once() -> None:
    (problem,) = heroku_rules.judge_wishes(("pg:a", "mq:b", "pg:c"), {})
    assert "addons has pg more than once" in problem


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"region": "mars"}, "region is 'mars': Heroku has eu, us."),
        ({"stack": "h-18"}, "stack is 'h-18': Heroku has h-24, h-26."),
        ({"addons": ("heroku-postgresql:huge",)}, "has no plan huge. It has essential-0."),
        (
            {"addons": ("heroku-postgresq:essential-0",)},
            "no add-on service heroku-postgresq. Did you mean heroku-postgresql?",
        ),
        ({"addons": ("strange:x",)}, "no add-on service strange. See https://elements.heroku.com/addons"),
    ],
)
def test_what_the_platform_does_not_have(change: dict[str, Any], said: str) -> None:
    (problem,) = heroku_rules.judge_platform(dataclasses.replace(WISH, **change), CATALOGUE)
    assert said in problem


def test_what_it_has() -> None:
    wish = dataclasses.replace(WISH, region="eu", addons=("heroku-postgresql:essential-0",))
    assert not list(heroku_rules.judge_platform(wish, CATALOGUE))


def test_what_an_app_cannot_become() -> None:
    addons = (Addon("pg-1", "pg:a", "provisioned", ("DATABASE_URL",)), Addon("pg-2", "pg:b", "provisioned"))
    found = Found("us", "", "h-24", addons, {})
    wish = dataclasses.replace(WISH, region="eu", team="we", addons=("pg:c",), config={"DATABASE_URL": "x", "A": "1"})
    region, team, several, owned = heroku_rules.judge_found(wish, found)
    assert "the app blog is in the region us" in region and "is in no team" in team
    assert "pg-1 (pg:a), pg-2 (pg:b)" in several and "belongs to the add-on pg-1" in owned
    assert not list(
        heroku_rules.judge_found(dataclasses.replace(wish, region="", team="", addons=("pg:b",), config={}), found)
    )
