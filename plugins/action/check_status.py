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

from ansible_collections.slipway.flask.plugins.module_utils._core import broker_report
from ansible_collections.slipway.flask.plugins.module_utils._core.preflight import by_host
from ansible_collections.slipway.flask.plugins.module_utils._core.wellness import judge, judge_fleet, told
from ansible_collections.slipway.flask.plugins.plugin_utils import controller


class ActionModule(ActionBase):
    """One judgement over all hosts, also over those that said nothing."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"name", "results", "brokers", "backups", "file"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = self._task.args
        hostvars = task_vars["hostvars"]
        hosts = task_vars["ansible_play_hosts_all"]
        answers = {host: _asked(hostvars[host], asked) for host in hosts}
        reports = {host: _report(answers[host]) for host in hosts}
        problems = {host: [*judge(reports[host]), *_silent(answers[host])] for host in hosts}
        brokers = {host: report["broker"] for host, report in reports.items() if "broker" in report}
        everywhere = judge_fleet(reports) + broker_report.judge_fleet(brokers, task_vars["groups"].get("brokers", ()))
        document = {
            "app": asked["name"],
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "well": not any(problems.values()) and not everywhere,
            "problems": by_host(problems) + everywhere,
            "hosts": {host: {"problems": problems[host], **reports[host]} for host in hosts},
        }
        if asked.get("file"):
            _write(Path(asked["file"]).expanduser().absolute(), document)
        wrong = {host: [*found, *everywhere] for host, found in problems.items() if found or everywhere}
        return result | {"status": document, "wrong": {host: told(found) for host, found in wrong.items()}}


def _asked(variables: Mapping[str, Any], asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What came of each question that was put to a host, one for each of its parts."""
    found = [variables.get(asked[name]) or {} for name in ("results", "brokers", "backups") if name in asked]
    return [one for one in found if not one.get("skipped")]


def _report(answers: list[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for report in (answer["report"] for answer in answers if "report" in answer):
        found |= _marked(report) if "live" in report else report if "backup" in report else {"broker": report}
    return found


def _silent(answers: list[Mapping[str, Any]]) -> list[str]:
    """Why a host did not answer a question, each reason once."""
    found = [_reason(answer) for answer in answers if "report" not in answer]
    return list(dict.fromkeys(found)) if answers else [_reason({})]


def _reason(answer: Mapping[str, Any]) -> str:
    if answer.get("unreachable"):
        return f"This host cannot be reached: {answer.get('msg', '').strip()}"
    return str(answer.get("msg") or "This host was not asked.")


def _marked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The controller whose process held a lock knows whether it is gone."""
    lock = report["lock"]
    return {**report, "lock": lock and {**lock, "dead": controller.is_dead(lock)}}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    try:
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise AnsibleActionFail(f"status_file is {path}, which cannot be written: {error.strerror}.") from error
