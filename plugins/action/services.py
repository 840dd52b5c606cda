# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry what one host offers to the hosts of an app: only here all of them are seen together."""

from __future__ import annotations

import json
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import services
from ansible_collections.slipway.flask.plugins.module_utils._core.database import VARIABLE
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout

OFFER = "postgresql_offer"


class ActionModule(ActionBase):
    """One module call, for what is known; what a host was told before it keeps when nobody offers anything now."""

    _requires_connection = True
    _VALID_ARGS = frozenset({"name", "databases"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        name = self._task.args["name"]
        files = [file for host in self._task.args.get("databases") or () for file in self._told(name, host, task_vars)]
        if not files:
            return result | {"changed": False, "plan": []}
        before = task_vars["ansible_facts"].get("slipway", {}).get("apps", {}).get(name) or {}
        # in a database that the app has not had, nothing has run that runs once
        absent = [] if VARIABLE in before.get("services", ()) else [str(Layout.of(name).state / "markers.json")]
        answer: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.file_set",
            module_args={"files": files, "absent": absent},
            task_vars=task_vars,
        )
        return result | answer

    def _told(self, name: str, host: str, task_vars: dict[str, Any]) -> list[dict[str, Any]]:
        """What the app is told of the database on `host`, as files."""
        if host in set(task_vars["ansible_play_hosts_all"]) - set(task_vars["ansible_play_hosts"]):
            raise AnsibleActionFail(f"{host}, which has the database, could not be made ready. Nothing is shipped.")
        offer = task_vars["hostvars"].raw_get(host).get(OFFER)
        if offer is None:
            return []
        told = services.of_database(name, self._templar.template(offer), host == task_vars["inventory_hostname"])
        content = json.dumps({"environment": dict(told.environment)}, indent=1) + "\n"
        path = str(Layout.of(name).services)
        shown = [{"path": path, "content": text} for path, text in told.files.items()]
        return [{"path": path, "content": content, "mode": "0600", "secret": True}, *shown]
