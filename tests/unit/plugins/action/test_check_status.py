# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each host has to answer, and what becomes of the answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.action import check_status

SKIPPED = {"skipped": True}
GONE = {"unreachable": True, "msg": "timed out"}
FAILED = {"last": {"ok": False, "said": "no room"}, "drill": None, "days": 0, "late_days": 2}


def judged(monkeypatch: pytest.MonkeyPatch, **hosts: dict[str, Any]) -> dict[str, Any]:
    monkeypatch.setattr(ActionBase, "run", lambda *_: {})
    action = check_status.ActionModule.__new__(check_status.ActionModule)
    action._task = SimpleNamespace(args={"name": "blog", "results": "app", "brokers": "broker", "backups": "backups"})
    answers: dict[str, Any] = {host: {"app": SKIPPED, "broker": SKIPPED, **said} for host, said in hosts.items()}
    return action.run(task_vars={"hostvars": answers, "ansible_play_hosts_all": list(answers), "groups": {}})


def test_a_host_that_only_has_the_database_is_judged_with_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged(monkeypatch, db1={"backups": {"report": {"backup": FAILED}}}, db2={"backups": GONE})
    assert found["status"]["problems"] == [
        "db1: The last backup failed: no room",
        "db2: This host cannot be reached: timed out",
    ]
    assert found["status"]["hosts"]["db1"]["backup"] == FAILED and found["wrong"].keys() == {"db1", "db2"}


def test_a_host_without_backups_has_nothing_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(monkeypatch, db1={"backups": {"report": {"backup": None}}})["status"]["well"]
