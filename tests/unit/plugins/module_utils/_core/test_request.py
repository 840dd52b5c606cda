# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.identity import AppFile, Recipe, Setting
from ansible_collections.slipway.flask.plugins.module_utils._core.request import read

RECORD = {"commit": "c" * 40, "artifact": "a" * 64, "lock": "b" * 64, "python": "3.11"}
LEAST = {"record": RECORD, "wsgi": "wsgi:app", "health_path": "/", "host": "localhost"}
FULL = LEAST | {
    "environment": {"A": "1"},
    "files": {"config.py": {"content": "X = 1", "mode": "0755"}},
    "build_commands": ["make"],
    "shared": ["uploads"],
    "init_commands": ["init"],
    "migrate_commands": ["migrate"],
    "facts": {"subject": "First"},
}
SECRETS = {"environment": {"TOKEN": "hunter2"}, "files": {"key": "hunter3"}}
SALT = b"salt"


def test_the_least_that_can_be_asked():
    request = read(LEAST, {}, leader=False, told={})
    assert request.recipe == Recipe(**RECORD, wsgi="wsgi:app")
    assert request.setting == Setting({})
    assert (dict(request.public), dict(request.facts), request.leader) == ({}, {}, False)


def test_all_of_it_arrives():
    request = read(FULL, SECRETS, leader=True, told={})
    files = (AppFile("config.py", "X = 1", mode="0755"), AppFile("key", "hunter3", secret=True))
    expected = Recipe(**RECORD, wsgi="wsgi:app", files=files, build_commands=("make",), shared=("uploads",))
    assert request.recipe == expected
    assert request.setting == Setting({"A": "1", "TOKEN": "hunter2"}, ("init",), ("migrate",))
    assert request.facts == {"subject": "First"}


def test_build_commands_see_no_secret_and_neither_does_a_representation():
    request = read(FULL, SECRETS, leader=True, told={})
    assert request.public == {"A": "1"}
    assert "hunter" not in repr(request)


def test_a_request_says_what_the_host_shall_serve():
    wanted = read(FULL, SECRETS, leader=True, told={}).wanted(SALT, {"web": "d"})
    assert wanted.activation.startswith(f"{wanted.release}.")
    assert wanted.release.startswith("c" * 12)
    assert wanted.venv == "3.11-" + "b" * 16
    assert (wanted.init_commands, wanted.migrate_commands) == (("init",), ("migrate",))
    assert (wanted.leader, wanted.digests) == (True, {"web": "d"})


def test_what_the_host_was_told_of_its_services_is_secret_and_gives_way_to_what_the_inventory_says() -> None:
    told = {"DATABASE_URL": "postgresql://db", "BROKER_URL": "amqp://mq", "TOKEN": "of a service"}
    asked = FULL | {"environment": {"DATABASE_URL": "sqlite:///x"}}
    request = read(asked, SECRETS, leader=True, told=told)
    assert request.setting.environment["DATABASE_URL"] == "sqlite:///x"
    assert request.setting.environment["BROKER_URL"] == "amqp://mq"
    assert request.setting.environment["TOKEN"] == SECRETS["environment"]["TOKEN"]
    assert dict(request.public) == {"DATABASE_URL": "sqlite:///x"}


def test_a_changed_secret_changes_the_activation_and_not_the_release():
    before = read(FULL, SECRETS, leader=True, told={}).wanted(SALT, {})
    after = read(FULL, SECRETS | {"environment": {"TOKEN": "other"}}, leader=True, told={}).wanted(SALT, {})
    assert (after.release, after.venv) == (before.release, before.venv)
    assert after.activation != before.activation
