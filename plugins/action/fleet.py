# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at all hosts of the play and say what this one has to know. Runs on the controller; no host is asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import fleet, inventory
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError


class ActionModule(ActionBase):
    """The three questions of a fleet: who goes when (plan), may all go on (agree), what went wrong (report)."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"act", "app", "wave", "init", "results", "releases", "same", "reason"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = self._task.args
        try:
            return result | {"plan": _plan, "agree": _agree, "report": _report}[asked["act"]](asked, task_vars)
        except SlipwayError as error:
            raise AnsibleActionFail(str(error)) from error


def _plan(asked: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
    hosts = task_vars["ansible_play_hosts"]
    facts = {host: task_vars["hostvars"][host].get("ansible_facts", {}).get("slipway", {}) for host in hosts}
    initialised = {
        host for host, row in facts.items() if (row.get("apps", {}).get(asked["app"]) or {}).get("initialised")
    }
    groups, everybody = task_vars["groups"], task_vars["ansible_play_hosts_all"]
    away = [host for host in inventory.app_hosts(groups) if host not in everybody]
    fleet.judge_init(asked.get("init") or [], initialised, away)
    behind = [host for host in hosts if host not in inventory.web_hosts(groups)]
    place = fleet.places(hosts, str(asked["wave"]), initialised, behind)[task_vars["inventory_hostname"]]
    return {**asdict(place), "alone": len(everybody) == 1}


def _agree(asked: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
    hostvars = task_vars["hostvars"]
    releases = {host: hostvars[host].get(asked["releases"]) or {} for host in task_vars["ansible_play_hosts_all"]}
    # one that has it all takes no part in what the others do
    hosts = [host for host, release in releases.items() if release.get("pending", ["unknown"])]
    results = {host: hostvars[host].get(asked["results"]) for host in hosts}
    problems = fleet.disagreement(hosts, results, asked.get("same", ""))
    if problems:
        raise AnsibleActionFail("Not every host could go on, so all go back. " + "; ".join(problems))
    return {}


def _report(asked: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
    undone = task_vars.get(asked["results"]) or {}
    said = undone.get("plan") or [undone.get("msg") or "Nothing was changed on this host."]
    raise AnsibleActionFail("\n".join([fleet.first_line(asked.get("reason")), *said]))
