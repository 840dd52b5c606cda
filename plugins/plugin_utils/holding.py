# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call a module that takes the lock of an app, or wants it to be free."""

from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.plugin_utils import controller

LOCK_POLL_SECONDS = 3
Values = dict[str, Any]


def call(action: ActionBase, module: str, arguments: Values, task_vars: Values, wait: int = 0) -> Values:
    """Call; take over the lock of a dead run of this controller at once, wait for another as long as asked.

    `arguments["run"]` is `controller.this_run`.
    """
    deadline = time.monotonic() + wait
    while True:
        if controller.is_dead(arguments["run"]):
            # a worker outlives its killed ansible-playbook; it must not go on with a run that nobody leads
            raise AnsibleActionFail("The run of this playbook was killed.")
        answer: Values = action._execute_module(module_name=module, module_args=arguments, task_vars=task_vars)
        held = answer.get("locked")
        if not held:
            return answer
        if controller.is_dead(held) and not arguments["run"].get("dead"):
            arguments["run"]["dead"] = [held["token"]]
        elif time.monotonic() > deadline:
            return answer
        else:
            action._display.display(f"Waiting for the lock: {answer['msg']}")
            time.sleep(LOCK_POLL_SECONDS)
