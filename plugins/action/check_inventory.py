# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say everything that is wrong with the inventory before any host is asked. Runs on the controller alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    celery,
    celery_programs,
    database,
    debian,
    inventory,
    offers,
    project,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.app import App, public
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.policy import Policy
from ansible_collections.slipway.flask.plugins.module_utils._core.tls import Tls
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing
from ansible_collections.slipway.flask.plugins.plugin_utils import certificate, controller, gate_key, packing
from ansible_collections.slipway.flask.plugins.plugin_utils.reading import Reading, read


class ActionModule(ActionBase):
    """Judges all hosts of the inventory, also those outside of `--limit`: an app is described once."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        reading = read(task_vars, self._templar)
        for warning in reading.warnings:
            self._display.warning(warning)
        groups = task_vars["groups"]
        problems = [*controller.missing(), *controller.lacking(inventory.services(groups)), *reading.problems]
        app, policy = reading.app, reading.policy
        if app and reading.tls:
            folder = task_vars.get("inventory_dir")
            problems += certificate.judge(reading.tls, app.domains, folder, self._loader.get_text_file_contents)
        signing: dict[str, Any] = {}
        try:
            signing = gate_key.of_run(policy, make=not problems and not self._task.check_mode) if policy else {}
        except SlipwayError as error:
            problems.append(str(error))
        if problems or app is None or policy is None or reading.tls is None:
            return result | {"failed": True, "msg": listing(problems)}
        if packs := self._task.args.get("packs"):
            packing.begin(self, packs, task_vars)
        return result | signing | _described(reading, app, policy, reading.tls, groups)


def _described(
    reading: Reading, app: App, policy: Policy, tls: Tls, groups: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """What the plays go by, worked out once."""
    stacks, services = inventory.members(groups), offers.told(app, inventory.services(groups))
    workers = next(iter(reading.workers.values()))
    tasks = bool(groups.get(inventory.WORKERS) or groups.get(inventory.BROKERS))
    packages = inventory.packages(stacks) if app.wsgi else []
    return {
        "app": public(app),
        "hosts": reading.hosts,
        "stacks": stacks,
        "server_packages": packages + (celery.packages(workers) if tasks else []),
        "roles": inventory.roles(groups),
        "services": services,
        "app_hosts": inventory.app_hosts(groups),
        "packages": debian.of_hosts(groups, app, tls, services),
        "programs": _programs(reading, app, groups),
        "tasks": tasks,
        "celery": {
            "address": celery.address(workers) if groups.get(inventory.WORKERS) else "",
            "task_seconds": workers.task_seconds,
        },
        "folders": project.folders_of_commit(app),
        "handlers": next(iter(reading.servers.values())).handlers if "tornado" in stacks else "",
        "deploy": {"wave": policy.wave, "canary_seconds": policy.canary_seconds, "lock_wait": policy.lock_wait},
    }


def _programs(reading: Reading, app: App, groups: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """What each host runs besides the server: `app_programs` where the app is served, Celery where workers are."""
    serving, workers = inventory.web_hosts(groups), list(groups.get(inventory.WORKERS, ()))
    locks = database.is_postgresql(app, groups)
    found: dict[str, dict[str, Any]] = {}
    for host in inventory.app_hosts(groups):
        own = reading.programs if host in serving else {}
        tasks = celery_programs.programs(reading.workers[host], host == workers[0], locks) if host in workers else {}
        found[host] = {**own, **tasks}
    return found
