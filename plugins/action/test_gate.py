# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the gate where the playbook runs: as a module it would be packed, started and loaded anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import gateoptions
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import gate


class ActionModule(ActionBase):
    """On the controller the gate is called; on a builder host, or as somebody else, it is the module of that name."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._connection.transport != "local" or self._connection.become:
            answer: dict[str, Any] = self._execute_module(task_vars=task_vars)
            return result | answer
        _checked, given = self.validate_argument_spec(gateoptions.OPTIONS)
        return result | self._gate(given)

    def _gate(self, given: Mapping[str, Any]) -> dict[str, Any]:
        secrets = gateoptions.credentials(given)
        try:
            found, warnings = gate.run(gate.order(given), check=self._task.check_mode)
        except SlipwayError as error:
            raise AnsibleActionFail(remove_values(str(error), secrets)) from None
        for warning in warnings:
            self._display.warning(remove_values(warning, secrets))
        cleaned: dict[str, Any] = remove_values(found, secrets)
        return cleaned
