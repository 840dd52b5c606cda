# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands on a host that is backed up, and which of it is closed to others."""

from __future__ import annotations

from configparser import RawConfigParser
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import BACKUP
from tests.templates.render import ROLES, evaluate, placed

COMMON = {"app_name": "my-blog", "inventory_hostname": "web1", "backup_time": "03:00", "ansible_managed": "x"}
ETC = "/etc/slipway/my-blog"


def files(name: str, **scenario: Any) -> dict[str, dict[str, Any]]:
    rows = evaluate("backup", f"{{{{ {name} }}}}", **COMMON, **scenario)
    return {row["path"]: row for row in rows}


def unit(path: str) -> RawConfigParser:
    parser = RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(placed("backup", "{{ __backup_unit_files }}", **COMMON)[f"/etc/systemd/system/{path}"])
    return parser


def test_the_whole_program_goes_to_where_it_is_started():
    rooms = {f"{BACKUP}/{path.name}": path.read_text() for path in (ROLES / "backup/files/backup").glob("*.py")}
    assert f"{BACKUP}/__main__.py" in rooms
    assert {path: row["content"] for path, row in files("__backup_room_files").items()} == rooms
    assert rooms.keys() < files("__backup_files").keys()
    assert {"path": BACKUP} in evaluate("backup", "{{ __backup_directories }}", **COMMON), "others may read it"


@pytest.mark.parametrize(("name", "act"), [("slipway-backup", "run"), ("slipway-drill", "drill")])
def test_each_timer_starts_the_program_as_somebody_who_can_wait(name: str, act: str):
    service = unit(f"{name}@my-blog.service")["Service"]
    assert service["ExecStart"] == f"/usr/bin/python3 -IB /usr/local/lib/slipway/backup my-blog {act}"
    assert (service["Type"], service["IOSchedulingClass"], service["Nice"]) == ("oneshot", "idle", "10")
    assert unit(f"{name}@my-blog.timer")["Timer"]["Persistent"] == "true"


def test_one_timer_is_switched_on_and_the_other_follows():
    run, drill = (unit(f"slipway-{name}@my-blog.timer") for name in ("backup", "drill"))
    assert run["Timer"]["OnCalendar"] == "03:00" and drill["Timer"]["OnCalendar"] == "weekly"
    assert run["Unit"]["Wants"] == "slipway-drill@my-blog.timer"
    assert drill["Unit"]["PartOf"] == "slipway-backup@my-blog.timer"
    assert run["Install"]["WantedBy"] == "timers.target" and not drill.has_section("Install")


def test_what_is_not_said_is_not_there():
    assert set(files("__backup_secrets")) == {f"{ETC}/backup.json"}
    assert evaluate("backup", "{{ __backup_unwanted }}", **COMMON) == [
        *(f"{ETC}/backup.password", f"{ETC}/backup.key", f"{ETC}/backup.known_hosts"),
    ]


def test_what_is_secret_is_roots_and_is_not_shown():
    said = {"backup_password": "hunter2", "backup_ssh_key": "KEY\n\n", "backup_ssh_known_hosts": ["a b", "c d"]}
    found = files("__backup_secrets", **said, backup_repository="sftp:me@vault:/x")
    assert set(found) == {f"{ETC}/backup.{name}" for name in ("json", "password", "key", "known_hosts")}
    assert all((row["mode"], row["secret"]) == ("0600", True) for row in found.values())
    assert found[f"{ETC}/backup.key"]["content"] == "KEY\n"
    assert found[f"{ETC}/backup.known_hosts"]["content"] == "a b\nc d\n"
    assert "hunter2" not in found[f"{ETC}/backup.json"]["content"]


@pytest.mark.parametrize(
    ("said", "packages"),
    [
        ({}, ["restic"]),
        ({"backup_repository": "sftp:me@vault:/x"}, ["restic", "openssh-client"]),
        ({"backup_database": {"url": "postgresql://x"}}, ["restic", "postgresql-client"]),
    ],
)
def test_packages(said: dict[str, Any], packages: list[str]):
    assert evaluate("backup", "{{ __backup_packages }}", **COMMON, **said) == packages


@pytest.mark.parametrize(("named", "gone"), [("", False), ("my-blog", True), ("other", False)])
def test_what_was_backed_up_goes_only_when_the_app_is_named(named: str, gone: bool):
    left = evaluate("backup", "{{ __backup_left }}", **COMMON, app_delete_data=named)
    assert ("/var/backups/slipway/my-blog" in left) is gone
    assert ("/var/backups/slipway/my-blog.password" in left) is gone


def test_notes_go_with_the_backups_only_where_the_app_itself_is_not():
    def left(files: bool, *apps: str) -> Any:
        facts = {"slipway": {"apps": {name: {} for name in apps}}}
        return evaluate("backup", "{{ __backup_empty }}", **COMMON, backup_files=files, ansible_facts=facts)

    assert left(False, "shop") == ["/var/lib/slipway/my-blog"]
    # workers have nothing that is backed up, and a ledger all the same
    assert left(False, "my-blog") == left(True) == []
