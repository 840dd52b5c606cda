# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate as an action calls it: its result, or why there is none, as plain data that may be handed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.parameters import remove_values
from ansible.utils.display import Display

from ansible_collections.slipway.flask.plugins.module_utils._core import gateoptions
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import gate


def ask(given: Mapping[str, Any], check: bool, tell: gate.Tell = gate.nobody) -> dict[str, Any]:
    """Run the gate with its module's options. What the answer says holds no credentials of theirs."""
    secrets = gateoptions.credentials(given)
    try:
        found, warnings = gate.run(gate.order(given), check=check, tell=tell)
    except SlipwayError as error:
        return {"error": remove_values(str(error), secrets)}
    return {"found": remove_values(found, secrets), "warnings": [remove_values(text, secrets) for text in warnings]}


def told(answer: Mapping[str, Any], display: Display) -> dict[str, Any]:
    """The result for Ansible, its warnings said; a failure when there is none."""
    if "error" in answer:
        raise AnsibleActionFail(answer["error"])
    for warning in answer["warnings"]:
        display.warning(warning)
    found: dict[str, Any] = answer["found"]
    return found
