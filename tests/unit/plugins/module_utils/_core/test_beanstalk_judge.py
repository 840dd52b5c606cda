# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import beanstalk_judge
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk import PROFILE, ROLE, Found, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_judge import (
    Facts,
    bundle,
    denied,
    missing,
    newest,
    standing,
    written,
)

BRANCH = "Python 3.13 running on 64bit Amazon Linux 2023"
WANTED = Wanted("blog", "blog-prod", BRANCH, "v2", {PROFILE: "arn:aws:iam::1:instance-profile/p", ROLE: "r"}, "blog")
FOUND = Found("e-1", "blog", "Ready", "Green", "v1", f"arn:aws:x::platform/{BRANCH}/4.1.0", "blog.example")
WELL = Facts(True, "PROCESSED", "arn", (), True, True, True, ())


def test_nothing_is_wrong() -> None:
    for found in (None, FOUND):
        assert [*standing(WANTED, found, WELL), *missing(WANTED, WELL)] == []
    assert list(written("blog-prod", {"aws:x": {}}, {"A_1": 1}, {"KEY": "arn:aws:ssm:us-east-1:1:parameter/x"})) == []


@pytest.mark.parametrize(
    ("changed", "found", "said"),
    [
        ({"platform": "", "branches": [BRANCH]}, None, f"Did you mean {BRANCH}?"),
        ({"platform": "", "branches": ["Python 4", "Python 5"]}, None, "There are: Python 4; Python 5."),
        ({"cname_available": False}, None, "cname_prefix is blog, and somebody has that name already"),
        ({"version_status": "FAILED"}, FOUND, "version v2 of blog failed"),
        ({"refused": ["x y: no"]}, FOUND, "options: x y: no"),
        ({}, replace(FOUND, application="other"), "is one of the application other"),
        ({}, replace(FOUND, platform="arn:aws:x::platform/Python 3.9/1"), "stays on its branch"),
    ],
)
def test_what_is_wrong_is_said(changed: dict[str, Any], found: Found | None, said: str) -> None:
    misspelt = replace(WANTED, platform=BRANCH.replace("running", "runing")) if "branches" in changed else WANTED
    (problem,) = standing(misspelt, found, replace(WELL, **changed))
    assert said in problem


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"application": False, "version_status": ""}, "There is no application blog. Make it with"),
        ({"version_status": ""}, "There is no version v2 of blog. Make it with"),
        ({"profile": False}, "There is no instance profile arn:aws:iam::1:instance-profile/p."),
        ({"role": False}, "There is no role r."),
    ],
)
def test_what_is_not_there_may_be_about_to_be_made(changed: dict[str, Any], said: str) -> None:
    (lacking,) = missing(WANTED, replace(WELL, **changed))
    assert lacking.problem.startswith(said)
    assert lacking.note.startswith("needs the ") and lacking.note.endswith(", not there yet")


def test_one_is_made_with_a_version_and_keeps_the_one_it_has() -> None:
    (lacking,) = missing(replace(WANTED, version=""), replace(WELL, version_status=""))
    assert lacking.problem.endswith("Write version_label.")
    assert list(standing(replace(WANTED, version=""), FOUND, WELL)) == []


def test_what_nobody_may_ask_is_not_judged() -> None:
    assert not list(missing(WANTED, replace(WELL, profile=None, role=None)))


@pytest.mark.parametrize(
    ("name", "plain", "properties", "secrets", "said"),
    [
        ("x", {}, {}, {}, 'name is "x"'),
        ("-blog", {}, {}, {}, "no hyphen first or last"),
        ("blog", {"aws:x": "y"}, {}, {}, "options.aws:x is a string: write name: value"),
        ("blog", {}, {"1ST": ""}, {}, 'the name "1ST"'),
        ("blog", {}, {"KEY": ""}, {"KEY": "arn:aws:ssm:x"}, "KEY stands both"),
        ("blog", {}, {}, {"KEY": "hunter2"}, "secrets.KEY is no ARN"),
    ],
)
def test_what_is_written_wrong_is_said(name: str, plain: Any, properties: Any, secrets: Any, said: str) -> None:
    (problem,) = written(name, plain, properties, secrets)
    assert said in problem and "hunter2" not in problem


def row(version: str, **more: str) -> dict[str, str]:
    base = {"PlatformBranchName": BRANCH, "PlatformStatus": "Ready", "PlatformVersion": version, "PlatformArn": version}
    return base | more


def test_the_newest_platform_is_taken_and_the_recommended_one_before_it() -> None:
    rows = [row("4.9.0"), row("4.10.0"), row("4.11.0", PlatformStatus="Creating"), row("5.0.0", PlatformBranchName="x")]
    assert newest(rows, BRANCH) == "4.10.0"
    assert newest([*rows, row("4.2.0", PlatformLifecycleState="Recommended")], BRANCH) == "4.2.0"
    assert newest(rows, "other") == ""


def test_a_bundle_has_to_be_there_and_not_too_large() -> None:
    assert list(bundle("a.zip", beanstalk_judge.LARGEST_BUNDLE)) == []
    assert "no such file" in next(bundle("a.zip", None))
    assert "takes 500 MB" in next(bundle("a.zip", beanstalk_judge.LARGEST_BUNDLE + 1))


def test_a_refusal_comes_with_advice_where_there_is_some() -> None:
    said = denied("SignatureDoesNotMatch", "It does not match.")
    assert said.startswith("AWS refuses (SignatureDoesNotMatch): It does not match. The secret key is not the one")
    assert denied("AccessDenied", "No right to x.") == "AWS refuses (AccessDenied): No right to x."
