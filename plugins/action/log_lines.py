# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the logs of a host once, or show their lines as they come."""

from __future__ import annotations

import math
import time
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import logs, typed
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

# A quiet log costs one remote step in so many seconds, and an interrupted run leaves its last one on the host so long.
WAIT_SECONDS = 5
NO_LIMIT = 1_000_000


class ActionModule(ActionBase):
    """One module call; to follow, one after the other, each waiting on the host for the next lines."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = dict(self._task.args)
        follow = str(asked.pop("follow", False)).lower()
        try:
            limit = {"false": 0.0, "no": 0.0, "true": math.inf, "yes": math.inf}.get(follow)
            limit = typed.seconds("logs_follow", follow) if limit is None else limit
        except SlipwayError as error:
            raise AnsibleActionFail(f"{error} With true it follows until Ctrl-C.") from error
        if not limit:
            return result | self._look(asked, task_vars)
        return result | self._follow(asked, task_vars, limit)

    def _follow(self, asked: dict[str, Any], task_vars: dict[str, Any], limit: float) -> dict[str, Any]:
        hosts, forks = task_vars["ansible_play_hosts"], task_vars["ansible_forks"]
        if len(hosts) > forks:
            raise AnsibleActionFail(
                f"{len(hosts)} hosts cannot be followed at once by {forks} forks. Add --forks {len(hosts)}."
            )
        end, answer = time.monotonic() + limit, {"places": asked.get("after", {})}
        while (left := end - time.monotonic()) > 0 and not answer.get("failed"):
            onwards = {"after": answer["places"], "lines": NO_LIMIT, "wait_seconds": math.ceil(min(left, WAIT_SECONDS))}
            answer = self._look(asked | onwards, task_vars)
            lines = logs.of_host(task_vars["inventory_hostname"], answer.pop("lines", ()))
            if lines:
                self._display.display(logs.shown(lines, hosts, answer["sources"]))
        return answer

    def _look(self, asked: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(
            module_name="slipway.flask.log_lines", module_args=asked, task_vars=task_vars
        )
        return answer
