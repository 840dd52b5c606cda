# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command in the live release of a host and show what it says while it runs."""

from __future__ import annotations

import json
import shlex
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import typed
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import truth
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import RUNNER
from ansible_collections.slipway.flask.plugins.plugin_utils import controller, stream

NO_COMMAND = 'Say what to run: -e command="python manage.py ...".'


class ActionModule(ActionBase):
    """One ssh. The command travels on its standard input: an argument would be in the system log of the host."""

    _requires_connection = True
    _VALID_ARGS = frozenset({"name", "command", "terminal"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = self._task.args
        command = typed.command(context.CLIARGS.get("extra_vars", ()), asked.get("command") or "")
        if not command:
            raise AnsibleActionFail(NO_COMMAND)
        if self._task.check_mode:
            return result | {"changed": True, "plan": [f"run {command}"]}
        by = str(controller.this_run("run")["by"])
        runner = shlex.join(["/usr/bin/python3", "-I", RUNNER, "--by", by, asked["name"]])
        try:
            if truth(asked.get("terminal", False)):
                return result | self._at_terminal(runner, command)
            return result | self._streamed(runner, command)
        except SlipwayError as error:
            raise AnsibleActionFail(str(error)) from error

    def _streamed(self, runner: str, command: str) -> dict[str, Any]:
        ended = stream.run(self, runner, json.dumps({"command": command}), self._display.display)
        record = _record(ended.errors)
        if not record:
            raise SlipwayError(f"The command did not run. {ended.errors or f'ssh ended with status {ended.status}.'}")
        return _verdict(record["command"], record["status"]) | {"record": record}

    def _at_terminal(self, runner: str, command: str) -> dict[str, Any]:
        line = f"{runner} {shlex.quote(command)}"
        terminal = stream.terminal()
        if terminal is None:
            self._display.display(stream.by_hand(self, line))
            raise SlipwayError("This run has no terminal to give away. At one, type the line above.")
        return _verdict(command, stream.attach(self, line, terminal))


def _record(errors: str) -> dict[str, Any] | None:
    """What was written down on the host: the last line, when it came that far."""
    last = errors.splitlines()[-1:]
    try:
        record = json.loads("".join(last))
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _verdict(command: str, status: int) -> dict[str, Any]:
    failed = {"failed": True, "msg": f"{command}: exit status {status}"} if status else {}
    return {"changed": True, "status": status} | failed
