# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make of a tested commit the tree that a platform is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import TARGETS
from ansible_collections.slipway.flask.plugins.module_utils._host import gatecache, shipment
from ansible_collections.slipway.flask.plugins.plugin_utils import loading, platforms


class ActionModule(ActionBase):
    """Writes on the controller alone. A commit that is not tested yet, in check mode, has no tree."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, given = self.validate_argument_spec(
            {
                "target": {"type": "str", "choices": list(TARGETS), "required": True},
                "gate": {"type": "dict", "required": True},
                "folder": {"type": "path", "default": ""},
            }
        )
        gate, target = given["gate"], given["target"]
        seen = platforms.look(task_vars or {}, self._templar, target)
        if seen.view is None or seen.serving is None or seen.problems:
            raise AnsibleActionFail("\n".join(seen.problems))
        release = gate["commit"][:12]
        title = f"{seen.view.app.name} {release}: {gate['subject']}"
        try:
            added = loading.additions(seen.view, seen.serving, target, gate)
            if added is None:
                known = {"commit": "", "title": title, "release": release}
                return result | known | {"plan": [f"make the tree of {title}"], "changed": True}
            folder = Path(given["folder"] or gatecache.default_root() / seen.view.app.name / "platforms" / target)
            before = shipment.newest(folder)
            made = shipment.make(folder, loading.source(gate), gate["tree"], title, added)
        except SlipwayError as error:
            raise AnsibleActionFail(str(error)) from error
        told = {"folder": str(folder), "commit": made.commit, "added": made.added, "title": title, "release": release}
        plan = [f"make the tree of {title}"] if made.commit != before else []
        return result | told | {"plan": plan, "changed": bool(plan)}
