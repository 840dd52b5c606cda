# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import database
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("postgresql_database", "my-blog", 'postgresql_database is "my-blog": write a name of a-z, 0-9 and _'),
        ("postgresql_user", "Blog", 'postgresql_user is "Blog": write a name of a-z, 0-9 and _'),
        ("postgresql_password", 12345, "postgresql_password is a number: write it as a string, in quotes"),
        ("postgresql_address", "10.0.0.7/8", 'postgresql_address is "10.0.0.7/8": write a name or an address'),
        ("postgresql_connections", 3, "postgresql_connections is 3 (a number): write a whole number, 10 or more."),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(name, value, said):
    (problem,) = judge(database.RULES, {name: value})
    assert problem.startswith(said)


@pytest.mark.parametrize("name", ["database", "user", "password", "address"])
def test_what_is_empty_is_found_out(name):
    assert judge(database.RULES, {f"postgresql_{name}": ""}) == []


def holder(command):
    return {"listeners": {"5432": {"command": command, "pid": 7, "unit": "x.service", "addresses": []}}}


def test_the_port_is_the_databases_or_nobodys():
    assert list(database.judge_port({})) == []
    assert list(database.judge_port(holder("postgres"))) == []
    # a container may hide whose socket it is
    assert list(database.judge_port(holder(""))) == []
    (problem,) = database.judge_port(holder("pgbouncer"))
    assert problem.startswith("Port 5432, which the database wants, is held by pgbouncer (process 7, x.service).")


KNOWS = {"services": ["DATABASE_URL"], "current": {"release": "r"}}


def test_data_does_not_move_by_itself():
    live = {"services": [], "current": {"release": "r"}}
    (problem,) = database.judge_move(live, "db1", adopt=False)
    assert "its data does not move to db1 by itself" in problem and "postgresql_adopt: true" in problem
    assert list(database.judge_move(live, "db1", adopt=True)) == []
    assert list(database.judge_move(live, "", adopt=False)) == []
    assert list(database.judge_move(KNOWS, "db1", adopt=False)) == []
    assert list(database.judge_move({"current": None}, "db1", adopt=False)) == []


def test_a_server_of_any_version_is_there():
    assert database.is_there({"packages": ["curl", "postgresql-15"]})
    assert not database.is_there({"packages": ["libpq5"]})
