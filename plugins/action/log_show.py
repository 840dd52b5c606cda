# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show the lines that were read on all hosts as one log. Runs on the controller; no host is asked."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import logs


class ActionModule(ActionBase):
    """Plain lines: what Ansible prints of a result is not made to be read."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"results", "lines"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        hosts = task_vars["ansible_play_hosts"]
        found = {host: task_vars["hostvars"][host][self._task.args["results"]] for host in hosts}
        rows = [logs.of_host(host, answer["lines"]) for host, answer in found.items()]
        lines, more = logs.merged(rows, int(self._task.args["lines"]))
        if lines:
            sources = {source for answer in found.values() for source in answer["sources"]}
            self._display.display(logs.shown(lines, hosts, sources))
        if more or any(answer["cut"] for answer in found.values()):
            self._display.display("Older lines are left out. To see more, add -e logs_lines=1000")
        return result | {"shown": len(lines)}
