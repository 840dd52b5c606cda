# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge what all hosts of the play reported, and write it down for a script. Runs on the controller alone."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core.preflight import by_host
from ansible_collections.slipway.flask.plugins.module_utils._core.wellness import judge, judge_fleet, told
from ansible_collections.slipway.flask.plugins.plugin_utils import controller


class ActionModule(ActionBase):
    """One judgement over all hosts, also over those that said nothing."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"name", "results", "file"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = self._task.args
        hostvars = task_vars["hostvars"]
        hosts = {host: hostvars[host].get(asked["results"]) or {} for host in task_vars["ansible_play_hosts_all"]}
        reports = {host: _marked(found["report"]) for host, found in hosts.items() if "report" in found}
        problems = {host: judge(reports[host]) if host in reports else [_silent(hosts[host])] for host in hosts}
        everywhere = judge_fleet(reports)
        document = {
            "app": asked["name"],
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "well": not any(problems.values()) and not everywhere,
            "problems": by_host(problems) + everywhere,
            "hosts": {host: {"problems": problems[host], **reports.get(host, {})} for host in hosts},
        }
        if asked.get("file"):
            _write(Path(asked["file"]).expanduser().absolute(), document)
        wrong = {host: [*found, *everywhere] for host, found in problems.items() if found or everywhere}
        return result | {"status": document, "wrong": {host: told(found) for host, found in wrong.items()}}


def _silent(found: Mapping[str, Any]) -> str:
    """Why a host has no report."""
    if found.get("unreachable"):
        return f"This host cannot be reached: {found.get('msg', '').strip()}"
    return str(found.get("msg") or "This host was not asked.")


def _marked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The controller whose process held a lock knows whether it is gone."""
    lock = report["lock"]
    return {**report, "lock": lock and {**lock, "dead": controller.is_dead(lock)}}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    try:
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise AnsibleActionFail(f"status_file is {path}, which cannot be written: {error.strerror}.") from error
