# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import beanstalk, beanstalk_text
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk import (
    OURS,
    PROPERTIES,
    SECRETS,
    Change,
    Found,
    Option,
    Wanted,
    applied,
    going_back,
    options,
    plan,
)

BRANCH = "Python 3.13 running on 64bit Amazon Linux 2023"
ARN = f"arn:aws:elasticbeanstalk:us-east-1::platform/{BRANCH}/4.10.0"
POLICY: Option = ("aws:elasticbeanstalk:command", "DeploymentPolicy")
WANTED = Wanted("blog", "blog-prod", BRANCH, "v2", options({}, {"A": 1}, {}))
FOUND = Found("e-1", "blog", "Ready", "Green", "v1", ARN, "blog.example", {POLICY: "Rolling"})

names = st.sampled_from(["A", "B", "C", "D"])
values = st.sampled_from(["1", "two", "True", "true", "a,b", "b, a"])
properties = st.dictionaries(names, values, max_size=4)
plains = st.dictionaries(st.sampled_from([POLICY[0], "aws:ec2:vpc"]), properties)


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    version = draw(st.sampled_from(["v1", "v2", "v3"]))
    return replace(WANTED, version=version, options=options(draw(plains), draw(properties), draw(properties)))


@st.composite
def founds(draw: st.DrawFn) -> Found:
    """Whatever an environment was brought to before, and what others have set in it."""
    others = {(draw(st.sampled_from([PROPERTIES, SECRETS, "aws:x"])), name): "theirs" for name in draw(st.sets(names))}
    own = draw(st.one_of(st.just({}), wishes().map(lambda wish: dict(wish.options))))
    health = draw(st.sampled_from(["Green", "Red", "Grey"]))
    return replace(FOUND, version=draw(st.sampled_from(["", "v1", "v2"])), health=health, options={**others, **own})


@given(wishes(), founds())
def test_after_the_change_there_is_nothing_to_change(wanted: Wanted, found: Found) -> None:
    change = plan(wanted, found)
    after = applied(change, found)
    assert not plan(wanted, after)
    assert after.version == wanted.version
    assert bool(beanstalk_text.changed(change, found)) == bool(change)


@given(wishes(), founds())
def test_after_going_back_everything_is_as_it_was(wanted: Wanted, found: Found) -> None:
    change = plan(wanted, found)
    after = applied(change, found)
    back = applied(going_back(found, after, change), after)
    assert back.version == (found.version or after.version)
    kept = {option: value for option, value in back.options.items() if option[0] in (PROPERTIES, SECRETS)}
    assert kept == {option: value for option, value in found.options.items() if option[0] in (PROPERTIES, SECRETS)}
    assert {**back.options, **found.options} == back.options
    assert not going_back(found, replace(back, version=found.version), change)


def test_only_properties_of_ours_go() -> None:
    theirs: Option = (PROPERTIES, "THEIRS")
    found = replace(FOUND, options={theirs: "x", (PROPERTIES, "OLD"): "1", (SECRETS, "KEY"): "arn", OURS: "KEY OLD"})
    change = plan(replace(WANTED, options={}), found)
    assert set(change.remove) == {(PROPERTIES, "OLD"), (SECRETS, "KEY"), OURS}
    assert applied(change, found).options == {theirs: "x"}


def test_a_name_moves_from_properties_to_secrets() -> None:
    found = replace(FOUND, version="v2", options=options({}, {"KEY": "plain"}, {}))
    change = plan(replace(WANTED, options=options({}, {}, {"KEY": "arn:1"})), found)
    assert change == Change("", {(SECRETS, "KEY"): "arn:1"}, ((PROPERTIES, "KEY"),))


@pytest.mark.parametrize(
    ("option", "wanted", "found", "same"),
    [
        (POLICY, "true", "True", True),
        (POLICY, "/Health", "/health", False),
        (("aws:ec2:vpc", "Subnets"), "s-1,s-2", "s-2, s-1", True),
        (("aws:ec2:vpc", "Subnets"), "s-1", "s-2,s-1", False),
        (("aws:autoscaling:launchconfiguration", "SecurityGroups"), "sg-1", "sg-made,sg-1", True),
        ((PROPERTIES, "HOSTS"), "a,b", "b,a", False),
        ((PROPERTIES, "DEBUG"), "true", "True", False),
    ],
)
def test_an_option_differs_when_it_means_something_else(option: Option, wanted: str, found: str, same: bool) -> None:
    assert beanstalk.same(option, wanted, found) == same


def test_options_are_read_as_the_platform_tells_them() -> None:
    rows = [
        {
            "ResourceName": "AWSEBAutoScalingGroup",
            "Namespace": "aws:autoscaling:asg",
            "OptionName": "MinSize",
            "Value": "1",
        },
        {"Namespace": "aws:ec2:vpc", "OptionName": "VPCId"},
        {
            "ResourceName": "Night",
            "Namespace": "aws:autoscaling:scheduledaction",
            "OptionName": "MinSize",
            "Value": "0",
        },
    ]
    assert beanstalk.found_options(rows) == {("aws:autoscaling:asg", "MinSize"): "1"}
    assert options({"a": {"b": True, "c": 1, "d": None}}, {}, {}) == {
        ("a", "b"): "true",
        ("a", "c"): "1",
        ("a", "d"): "",
    }
    assert FOUND.branch == BRANCH and replace(FOUND, platform="").branch == ""


def test_the_scheme_is_that_of_the_listeners() -> None:
    closed = {("aws:elbv2:listener:default", "ListenerEnabled"): "false"}
    assert beanstalk_text.shown("x", replace(FOUND, options=closed))["url"] == "https://blog.example"
    assert beanstalk_text.shown("x", FOUND)["url"] == "http://blog.example"
    assert beanstalk_text.shown("x", None) == {}


def test_values_of_properties_are_in_no_words() -> None:
    wanted = replace(
        WANTED,
        options={
            **options({POLICY[0]: {POLICY[1]: "Immutable"}}, {"KEY": "hunter2"}, {}),
            ("x", "DBPassword"): "hunter3",
        },
    )
    found = replace(FOUND, options={(PROPERTIES, "KEY"): "hunter1"})
    change = plan(wanted, found)
    said = beanstalk_text.changed(change, found)
    assert said[0] == "deploy v2 in place of v1" and f"set {POLICY[0]} {POLICY[1]} = Immutable" in said
    shown = beanstalk_text.difference(wanted, found, gone=False)
    assert "hunter" not in f"{said} {shown} {change!r} {wanted!r} {found!r}"
    assert "the property KEY (not shown, another value)" in shown["after"] and "= Immutable" in shown["after"]
    assert beanstalk_text.difference(wanted, found, gone=True)["after"] == ""


def test_one_that_is_not_well_is_given_its_version_again() -> None:
    found = replace(FOUND, version="v2", health="Red", options=WANTED.options)
    change = plan(WANTED, found)
    assert beanstalk_text.changed(change, found) == ["deploy v2 again, for the environment is not well"]


def test_making_one_is_told_with_what_it_is_made_of() -> None:
    (said,) = beanstalk_text.made(WANTED)
    assert said == f"create the environment blog-prod of blog on {BRANCH}, with v2"
    assert beanstalk_text.difference(WANTED, None, gone=False)["before"] == ""
