# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pack the tree of a tested commit, once it was found to be just that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_beanstalk import label
from ansible_collections.slipway.flask.plugins.module_utils._host import shipment
from ansible_collections.slipway.flask.plugins.module_utils._host.shipment import Shipment


class ActionModule(ActionBase):
    """The archive is made anew each time, beside the tree: whatever lay there before has no say."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        required = {"type": "dict", "required": True}
        spec = {"tree": required, "app_name": {"type": "str", "required": True}, "gate": required}
        _checked, given = self.validate_argument_spec(spec)
        tree, gate = given["tree"], given["gate"]
        made = Shipment(Path(tree["folder"]), tree["commit"], tree["added"])
        target = made.folder.with_suffix(".zip")
        try:
            shipment.verify(made, given["app_name"], gate["signers"], gate["untested_allowed"])
            shipment.write_zip(made, target)
        except SlipwayError as error:
            raise AnsibleActionFail(str(error)) from error
        named = {"label": label(tree["release"], made.commit), "path": str(target), "size": target.stat().st_size}
        return result | named | {"changed": False}
