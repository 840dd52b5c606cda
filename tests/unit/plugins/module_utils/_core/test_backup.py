# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of backups in an inventory, before any host is asked."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import backup
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("backup_time", "dayly", 'backup_time is "dayly". Did you mean daily?'),
        ("backup_time", "every night", 'backup_time is "every night". Write daily, or a time of systemd'),
        ("backup_time", "03:00\nUnit=x", "Write daily"),
        ("backup_repository", "vault/blog", 'backup_repository is "vault/blog": write an absolute folder'),
        ("backup_repository", "sftp:vault", "write sftp:user@host:/path"),
        ("backup_repository", "sftp:-oProxyCommand=x:/y", "write sftp:user@host:/path"),
        ("backup_repository", "sftp:me@vault -v:/y", "write sftp:user@host:/path"),
        ("backup_repository", "/vault\n", "write an absolute folder"),
        ("backup_password", 12345, "backup_password is a number: write it as a string"),
        ("backup_environment", {"A KEY": "hunter2"}, "A name in backup_environment"),
        ("backup_environment", {"KEY": 1}, "backup_environment.KEY is a number: write it as a string"),
        ("backup_ssh_known_hosts", "vault ssh-ed25519 AAAA", "write a list"),
        ("backup_keep", {"daily": -1}, "backup_keep.daily is -1 (a number): write a whole number, 0 or more"),
        ("backup_keep", {"dayly": 1}, "backup_keep has no key dayly. Did you mean daily?"),
        ("backup_keep", {"daily": 0}, "backup_keep keeps none"),
        ("backup_keep", {}, "backup_keep keeps none"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(name: str, value: object, said: str) -> None:
    (problem,) = judge(backup.RULES, {name: value})
    assert said in problem and "hunter2" not in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("backup_time", time)
            for time in ("daily", "03:00", "Mon..Fri 22:30", "Sun", "*-*-01 04:00:00", "*:0/15", "")
        ),
        ("backup_time", "Sat *-*-* 02:00 Europe/Vienna"),
        ("backup_repository", "/mnt/nas/blog"),
        ("backup_repository", "sftp:backup@vault.example.org:/blog"),
        ("backup_repository", "sftp://backup@vault.example.org:2222//blog"),
        ("backup_repository", "s3:https://s3.example.org/blog"),
        ("backup_keep", {"daily": "7", "yearly": 3}),
    ],
)
def test_good_values(name: str, value: object) -> None:
    assert judge(backup.RULES, {name: value}) == []


def test_defaults_are_good() -> None:
    defaults = {name: VARIABLES[name].default for name in backup.RULES}
    assert judge(backup.RULES, defaults) == [] and list(backup.judge(defaults)) == []


def test_a_password_that_only_the_host_would_know_is_none() -> None:
    (problem,) = backup.judge({"backup_repository": "/mnt/nas/blog", "backup_password": ""})
    assert "backup_repository is set and backup_password is not" in problem
    assert list(backup.judge({"backup_repository": "/mnt/nas/blog", "backup_password": "x"})) == []


def test_a_key_to_log_in_with_wants_somewhere_to_log_in() -> None:
    (problem,) = backup.judge({"backup_ssh_key": "x"})
    assert "backup_ssh_key is for a backup_repository that begins with sftp:" in problem


@pytest.mark.parametrize(("time", "repository", "wrong"), [("daily", "", 1), ("", "", 0), ("daily", "/mnt/nas", 0)])
def test_a_host_that_keeps_them_itself_wants_room(time: str, repository: str, wrong: int) -> None:
    row = {"backup_time": time, "backup_repository": repository}
    found = list(backup.judge_room(row, {"disk_free_mb": {"/var": 100, "/srv": 9000}}))
    assert len(found) == wrong
    assert all("/var has 100 MB free" in text and "512 MB" in text for text in found)
    assert list(backup.judge_room(row, {"disk_free_mb": {"/var": 600}})) == []
    # a host that could not be looked at yet
    assert list(backup.judge_room(row, {"bare": True})) == []


@pytest.mark.parametrize(
    ("time", "days"),
    [
        *(("hourly", 2), ("daily", 2), ("03:00", 2), ("*-*-* 03:00", 2), ("*:0/15", 2)),
        *(("weekly", 15), ("Sun 03:00", 15), ("monthly", 63), ("*-*-01 04:00", 63), ("yearly", 740)),
    ],
)
def test_how_long_nobody_has_to_worry(time: str, days: int) -> None:
    assert backup.late_days(time) == days
