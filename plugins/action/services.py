# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry what hosts offer to the hosts of an app: only here all of them are seen together."""

from __future__ import annotations

import json
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import celery, services
from ansible_collections.slipway.flask.plugins.module_utils._core.database import VARIABLE
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.services import Told

DATABASE, BROKER = "postgresql_offer", "rabbitmq_offer"


class ActionModule(ActionBase):
    """One module call, for what is known; what a host was told before it keeps when nobody offers anything now."""

    _requires_connection = True
    _VALID_ARGS = frozenset({"name", "databases", "brokers", "tasks"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked, here = self._task.args, task_vars["inventory_hostname"]
        name = asked["name"]
        told = self._of_services(name, asked, task_vars)
        if asked.get("tasks"):
            own = {key: self._templar.template(task_vars[key]) for key in celery.RULES if key in task_vars}
            encrypted = services.is_encrypted(asked.get("brokers") or (), here)
            told["celery"] = services.of_celery(name, celery.settle(own), encrypted)
        if not told:
            return result | {"changed": False, "plan": []}
        before = task_vars["ansible_facts"].get("slipway", {}).get("apps", {}).get(name) or {}
        # in a database that the app has not had, nothing has run that runs once
        fresh = "databases" in told and VARIABLE not in before.get("services", ())
        answer: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.file_set",
            module_args={
                "directories": [{"path": str(Layout.of(name).services), "mode": "0700"}],
                "files": [file for kind, one in told.items() for file in _files(name, kind, one)],
                "absent": [str(Layout.of(name).state / "markers.json")] if fresh else [],
            },
            task_vars=task_vars,
        )
        return result | answer

    def _of_services(self, name: str, asked: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Told]:
        here, told = task_vars["inventory_hostname"], {}
        if offers := self._offers(DATABASE, asked.get("databases") or [], task_vars):
            told["databases"] = services.of_database(name, offers[0], asked["databases"][0] == here)
        if offers := self._offers(BROKER, asked.get("brokers") or [], task_vars):
            told["brokers"] = services.of_brokers(name, offers, services.is_encrypted(asked["brokers"], here))
        return told

    def _offers(self, fact: str, hosts: list[str], task_vars: dict[str, Any]) -> list[dict[str, Any]]:
        """Of all of these hosts, or of none: a part of them would be half of the truth."""
        failed = [
            host
            for host in hosts
            if host in {*task_vars["ansible_play_hosts_all"]} - {*task_vars["ansible_play_hosts"]}
        ]
        if failed:
            raise AnsibleActionFail(f"{failed[0]} could not be made ready, and the app needs it. Nothing is shipped.")
        found = [task_vars["hostvars"].raw_get(host).get(fact) for host in hosts]
        return [] if None in found else [self._templar.template(offer) for offer in found]


def _files(name: str, kind: str, told: Told) -> list[dict[str, Any]]:
    content = json.dumps(dict(told.environment), indent=1) + "\n"
    path = str(Layout.of(name).services / f"{kind}.json")
    shown = [{"path": path, "content": text} for path, text in told.files.items()]
    return [{"path": path, "content": content, "mode": "0600", "secret": True}, *shown]
