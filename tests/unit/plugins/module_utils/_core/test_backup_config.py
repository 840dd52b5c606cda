# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the program on a host is told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.backup_config import config

WISH: dict[str, Any] = {
    "name": "my-blog",
    "host": "web1",
    "root": "/srv/my-blog",
    "time": "daily",
    "repository": "",
    "environment": {},
    "key": False,
    "known_hosts": False,
    "keep": {"daily": "7", "weekly": 0},
    "files": True,
    "database": {},
}


def test_the_hosts_own_folder_has_its_password_beside_it() -> None:
    found = config(WISH)
    assert (found["repository"], found["password_file"]) == (
        "/var/backups/slipway/my-blog",
        "/var/backups/slipway/my-blog.password",
    )
    assert found["keep"] == {"daily": 7} and found["sftp"] == "" and found["late_days"] == 2


@pytest.mark.parametrize(
    ("repository", "who"),
    [
        ("sftp:me@vault:/blog", "me@vault"),
        ("sftp://me@vault:2222//blog", "-p 2222 me@vault"),
        ("sftp:vault:blog", "vault"),
    ],
)
def test_a_target_is_reached_by_a_command_that_asks_nobody(repository: str, who: str) -> None:
    found = config(WISH | {"repository": repository})["sftp"]
    assert found.startswith("ssh -o BatchMode=yes") and found.endswith(f"{who} -s sftp")
    assert "backup.key" not in found
    ours = config(WISH | {"repository": repository, "key": True, "known_hosts": True})
    assert "-i /etc/slipway/my-blog/backup.key" in ours["sftp"]
    assert "UserKnownHostsFile=/etc/slipway/my-blog/backup.known_hosts" in ours["sftp"]
    assert ours["password_file"] == "/etc/slipway/my-blog/backup.password"


def test_a_database_is_asked_here_by_its_superuser_and_elsewhere_as_its_address_says() -> None:
    here = config(WISH | {"database": {"name": "blog", "owner": "anna"}})["database"]
    assert here == {"user": "postgres", "owner": "anna", "environment": {"PGDATABASE": "blog"}}
    there = config(WISH | {"database": {"url": "postgresql+psycopg://anna:a%2Fb@db:5433/blog?sslmode=require"}})[
        "database"
    ]
    assert (there["user"], there["owner"]) == ("", "")
    assert there["environment"] == {
        "PGHOST": "db",
        "PGPORT": "5433",
        "PGDATABASE": "blog",
        "PGUSER": "anna",
        "PGPASSWORD": "a/b",
        "PGSSLMODE": "require",
    }
    assert config(WISH | {"database": {"url": "sqlite:////srv/x.db"}})["database"] == {}
