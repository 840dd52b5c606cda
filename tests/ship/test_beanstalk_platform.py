# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of Elastic Beanstalk on a stand-in that runs what it is given, and the platform's own tool on both."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests import hosts
from tests.hosts import ready
from tests.platforms.beanstalk import REGION, Aws, eb, platform

from .beanstalk import APP, APPLICATION, NAME, Shop
from .conftest import OWN, claimed
from .probe import Probe, ask

# the role's own tests ship the blog each time
pytestmark = pytest.mark.soak

COMMAND = "aws:elasticbeanstalk:command"
IMMUTABLE = {COMMAND: {"DeploymentPolicy": "Immutable", "Timeout": 6}}
ALL_AT_ONCE = {COMMAND: {"DeploymentPolicy": "AllAtOnce", "Timeout": 6}}
FAILING = {".ebextensions/20-fails.config": "container_commands: {99_fails: {command: 'echo a reason; exit 3'}}\n"}
SICK = {"app.py": "EDITION = 3\n" + APP.replace('return "well"', 'return "sick", 500')}
DEAD = {"Procfile": "web: echo it does not start; exit 1\n"}


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    called = f"beanstalk{OWN}"
    with claimed(called), platform(called) as started:
        yield started


@pytest.fixture(scope="module")
def shop(aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"), aws)


@pytest.fixture(scope="module")
def running(shop: Shop) -> Shop:
    """The first edition, live: told in check mode, done, and then there is nothing left to do."""
    shop.wanted |= {"options": IMMUTABLE, "environment": {"GREETING": "hello"}, "secrets": {"TOKEN": token(shop)}}
    first = shop.bundle(1)
    shop.ship("--check", "--diff", bundle=first).good()
    assert shop.result["plan"][0] == f"needs the application {APPLICATION}, not there yet"
    told = shop.result["plan"][1:]
    shop.ship("--extra-vars", "first=true", bundle=first).good()
    assert shop.result["plan"] == told
    assert shop.ship(bundle=first).good().changed == 0
    shop.wanted["version_label"] = first[1]
    return shop


def token(shop: Shop) -> str:
    return str(shop.client("secretsmanager").create_secret(Name="shop-token", SecretString="sesame")["ARN"])


def labelled(shop: Shop) -> str:
    return str(
        shop.client("elasticbeanstalk").describe_environments(EnvironmentNames=[NAME])["Environments"][0][
            "VersionLabel"
        ]
    )


def test_commands_hooks_and_processes_see_properties_and_secrets(running: Shop) -> None:
    assert running.home == {
        "edition": 1,
        "marked": ["first", "hello"],
        "GREETING": "hello",
        "LEFT": "of the bundle",
        "TOKEN": "sesame",
        "SLIPWAY_CONFIG": "GREETING TOKEN",
    }
    assert running.result["environment"]["platform"].endswith("Amazon Linux 2023/4.10.0")


def test_a_process_that_dies_is_started_again(running: Shop) -> None:
    hosts.execute(running.aws.host, "pkill", "-KILL", "-u", "webapp", "gunicorn")
    ready.until(lambda: running.answers, "the application to be started again", 20)


def test_a_property_that_is_wanted_no_more_goes_and_those_of_others_stay(running: Shop) -> None:
    client = running.client("elasticbeanstalk")
    running.ship(environment={"COLOUR": "blue"}).good()
    assert running.result["plan"] == ["set the property COLOUR", "remove the property GREETING"]
    assert "blue" not in running.result["diff"]["after"]
    home = running.home
    assert (home["GREETING"], home["LEFT"], home["edition"]) == ("of the bundle", "of the bundle", 1)
    rows = client.describe_configuration_settings(ApplicationName=APPLICATION, EnvironmentName=NAME)
    kept = {row["OptionName"]: row["Value"] for row in rows["ConfigurationSettings"][0]["OptionSettings"]}
    assert (kept["COLOUR"], kept["SLIPWAY_CONFIG"]) == ("blue", "COLOUR TOKEN")
    running.ship().good()
    assert running.home["GREETING"] == "hello"


def test_a_new_version_takes_over_and_nobody_waits(running: Shop) -> None:
    second = running.bundle(2)
    with Probe(running.result["environment"]["url"], path="/health", visit=visit) as probe:
        running.ship(bundle=second).good()
    probe.unbroken()
    assert running.home["edition"] == 2
    running.wanted["version_label"] = second[1]


def visit(url: str, name: str) -> str:
    return '{"commit": "x"}' if ask(url, name) == "well" else ""


@pytest.mark.parametrize(
    ("policy", "changed", "said"),
    [
        ("Immutable", FAILING, ("Unsuccessful command execution", "Nothing is left to go back from")),
        ("AllAtOnce", FAILING, ("Unsuccessful command execution", "It was brought back")),
        ("AllAtOnce", DEAD, ("have not responded in the allowed command", "It was brought back")),
        ("Immutable", SICK, ("/health does not answer with success: 500", "It was brought back")),
    ],
    ids=["aside, a command fails", "in place, a command fails", "in place, it does not start", "aside, it is not well"],
)
def test_a_version_that_does_not_come_up_is_gone_back_from(
    running: Shop, policy: str, changed: Mapping[str, str], said: tuple[str, str]
) -> None:
    before = labelled(running)
    bad, options = running.bundle(3, **changed), {COMMAND: {"DeploymentPolicy": policy, "Timeout": 5}}
    running.ship(bundle=bad, options=options).bad(*said, f"with the version {before}")
    assert running.ship().good().changed == 0, "options are what they were, too"
    assert running.home["edition"] == 2


def test_back_to_the_version_that_ran_well_before(running: Shop) -> None:
    after = labelled(running)
    running.ship("--check", rollback="previous").good()
    told = running.result["plan"]
    running.ship(rollback="previous").good()
    assert running.result["plan"] == told and running.home["edition"] == 1
    running.ship(rollback=after).good()
    assert running.home["edition"] == 2


def test_what_somebody_else_does_is_waited_for(running: Shop) -> None:
    slow = {".ebextensions/20-slow.config": "container_commands: {99_slow: {command: sleep 5}}\n"}
    path, label = running.bundle(7, **slow)
    running.make_version(path, label)
    running.client("elasticbeanstalk").update_environment(EnvironmentName=NAME, VersionLabel=label)
    running.ship().good()
    assert running.home["edition"] == 2


def test_everything_wrong_is_said_at_once_and_nothing_changes(running: Shop) -> None:
    before = running.client("elasticbeanstalk").describe_events()["Events"]
    wrong = {
        "options": {
            COMMAND: {"DeployPolicy": "Immutable"},
            "aws:autoscaling:launchconfiguration": {"IamInstanceProfile": "nobody"},
            "aws:elasticbeanstalk:environment": {"ServiceRole": "no-role"},
        },
        "version_label": "unknown",
        "platform": "Python 3.12 running on 64bit Amazon Linux 2023",
    }
    running.ship(**wrong).bad(
        "OptionName: 'DeployPolicy'): Unknown configuration setting",
        "There is no version unknown of shop",
        "There is no instance profile nobody",
        "There is no role no-role",
        "runs on Python 3.13 running on 64bit Amazon Linux 2023, and platform is Python 3.12",
    )
    running.ship(
        name="shop-two", platform="Python 3.13 runing on 64bit Amazon Linux 2023", version_label="unknown"
    ).bad(
        "Did you mean Python 3.13 running on 64bit Amazon Linux 2023?",
        "cname_prefix is the-shop, and somebody has that name",
        "There is no version unknown of shop",
    )
    running.ship(name="x", environment={"1ST": ""}, secrets={"TOKEN": "sesame"}).bad(
        'name is "x"', 'environment has the name "1ST"', "secrets.TOKEN is no ARN"
    )
    assert running.client("elasticbeanstalk").describe_events()["Events"] == before


def test_taken_away(running: Shop) -> None:
    running.ship(state="absent").good()
    assert running.result["plan"] == [f"terminate the environment {NAME}"] and running.result["environment"] == {}
    assert running.ship(state="absent").good().changed == 0


def test_the_platforms_own_tool_sees_and_does_the_same(running: Shop, aws: Aws, tmp_path: Path) -> None:
    """The stand-in, checked by somebody who does not know it."""
    running.ship().good()
    (tmp_path / ".elasticbeanstalk").mkdir()
    settings = {
        "branch-defaults": {"default": {"environment": NAME}},
        "global": {"application_name": APPLICATION, "default_region": REGION},
    }
    (tmp_path / ".elasticbeanstalk" / "config.yml").write_text(json.dumps(settings))
    told = eb(tmp_path, aws, "status").stdout
    assert f"Deployed Version: {labelled(running)}" in told and "Health: Green" in told and "Status: Ready" in told
    assert eb(tmp_path, aws, "setenv", "BY_HAND=yes", "--timeout", "1").returncode == 0
    assert "BY_HAND = yes" in eb(tmp_path, aws, "printenv").stdout
    running.ship().good()
    assert running.result["changed"] is False, "what others have set stays"
    by_hand = running.bundle(4)
    shutil.unpack_archive(by_hand[0], tmp_path)
    done = eb(tmp_path, aws, "deploy", "--label", "by-hand", "--timeout", "1")
    assert done.returncode == 0 and "Environment update completed successfully." in done.stdout
    assert running.home["edition"] == 4
    (tmp_path / ".ebextensions" / "20-fails.config").write_text(*FAILING.values())
    failed = eb(tmp_path, aws, "deploy", "--label", "failing", "--timeout", "1")
    assert failed.returncode == 4 and "Failed to deploy application." in failed.stdout
    assert running.home["edition"] == 4
    assert "Environment update completed successfully." in eb(tmp_path, aws, "events").stdout
    assert eb(tmp_path, aws, "terminate", NAME, "--force", "--timeout", "1").returncode == 0
    assert running.ship(state="absent").good().changed == 0
