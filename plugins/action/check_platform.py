# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say everything that speaks against running an app on a platform, before anything is tested or sent."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import celery, platform_parity, platform_tree, project
from ansible_collections.slipway.flask.plugins.module_utils._core.app import public
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import BEANSTALK, HEROKU, TARGETS
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing
from ansible_collections.slipway.flask.plugins.plugin_utils import controller, gate_key, platforms

# what the roles of these targets are made of; galaxy.yml does not ask for them, since only these need them
COLLECTIONS = {HEROKU: (), BEANSTALK: ("amazon.aws", "community.aws")}


class ActionModule(ActionBase):
    """Reads the variables of the host that it runs for, which stands for the platform."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        spec = {"target": {"type": "str", "choices": list(TARGETS), "required": True}}
        _checked, given = self.validate_argument_spec(spec)
        seen = platforms.look(task_vars or {}, self._templar, given["target"])
        for warning in seen.reading.warnings:
            self._display.warning(warning)
        lacking = controller.lacking_for(f"playbook {given['target']}", COLLECTIONS[given["target"]])
        problems = [*controller.missing(), *lacking, *seen.problems]
        policy, view = seen.reading.policy, seen.view
        signing: dict[str, Any] = {}
        try:
            if policy:
                signing = gate_key.of_run(policy, make=not problems and not self._task.check_mode)
        except SlipwayError as error:
            problems.append(str(error))
        table = platform_parity.table(seen.rows, view.platforms.accepts) if view else ""
        if problems or view is None:
            said = f"{listing(problems)}\n\n{table}" if table else listing(problems)
            return result | {"failed": True, "msg": said}
        described = {
            "app": public(view.app),
            "python": view.python,
            "packages": [*view.app.packages, *platforms.packages(view, given["target"])],
            "folders": project.folders_of_commit(view.app),
            "celery": celery.address(view.celery) if view.celery else "",
            "processes": platform_tree.processes(view.app, view.celery),
            "table": table,
        }
        return result | signing | described | platforms.told(view, given["target"])
