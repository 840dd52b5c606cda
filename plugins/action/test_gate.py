# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the gate where the playbook runs: as a module it would be packed, started and loaded anew each time."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import gateoptions
from ansible_collections.slipway.flask.plugins.plugin_utils import beside, gate_answer


class ActionModule(ActionBase):
    """On the controller the gate is called; on a builder host, or as somebody else, it is the module of that name."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._connection.transport != "local" or self._connection.become:
            answer: dict[str, Any] = self._execute_module(task_vars=task_vars)
            return result | answer
        _checked, given = self.validate_argument_spec(gateoptions.OPTIONS)
        ask = functools.partial(gate_answer.ask, given, self._task.check_mode)
        if given["beside"] and not self._task.check_mode:
            return result | {"begun": beside.begin(ask)}
        packing = threading.Thread(target=self._pack, args=(task_vars,))
        packing.start()
        try:
            return result | gate_answer.told(ask(), self._display)
        finally:
            packing.join()

    def _pack(self, task_vars: dict[str, Any] | None) -> None:
        """Make Ansible's package of the module that ships while the tests run; the step that sends it finds it made."""
        # of which interpreter does not matter, and looking for one would be said to the user
        known = {**(task_vars or {}), "ansible_python_interpreter": sys.executable}
        with contextlib.suppress(Exception):  # that step will say what is wrong
            arguments = {"name": "", "state": "prepared", "run": {}}
            self._configure_module("slipway.flask.release", arguments, task_vars=known)
