# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inventory as a platform sees it: one app, whoever else it runs on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    inventory,
    platform_beanstalk,
    platform_differences,
    platform_heroku,
    platform_parity,
    platform_tree,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import Celery
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import HEROKU, Platforms, settle
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_parity import Row, View
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_start import Serving
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES
from ansible_collections.slipway.flask.plugins.plugin_utils.reading import Reading, read_here


@dataclass(frozen=True)
class Seen:
    """What was understood; without `view` there are problems."""

    reading: Reading
    view: View | None
    serving: Serving | None
    problems: list[str]

    @property
    def rows(self) -> list[Row]:
        return platform_differences.rows(self.view) if self.view else []


def look(task_vars: Mapping[str, Any], templar: Any, target: str) -> Seen:
    """Read and judge the description for one target, as far as the inventory alone can tell."""
    reading, row = read_here(task_vars, templar)
    problems = list(reading.problems)
    try:
        platforms = settle(row, reading.app.name if reading.app else "")
    except DescriptionError as error:
        return Seen(reading, None, None, [*problems, *error.problems])
    if not reading.app or problems:
        return Seen(reading, None, None, problems)
    groups = task_vars["groups"]
    view = View(
        app=reading.app,
        celery=_celery(reading, platforms, groups),
        platforms=platforms,
        groups=groups,
        python=reading.app.python or f"{sys.version_info[0]}.{sys.version_info[1]}",
        handlers=str(row.get("tornado_handlers") or "") if groups.get("tornado") else "",
    )
    seen = Seen(reading, view, _serving(row, target), [])
    if platforms.said[f"{target}_state"] == "absent":
        return seen
    found = platform_parity.problems(seen.rows, [target], platforms.accepts)
    return replace(seen, problems=found + _of_target(view, target))


def packages(view: View, target: str) -> list[str]:
    """Python packages that a platform's processes need besides the application's own."""
    found = ["pyuwsgi"] if view.app.wsgi else []
    if view.celery and target != HEROKU:
        found.append(platform_beanstalk.SQS_PACKAGE)
    return found


def told(view: View, target: str) -> dict[str, Any]:
    """What the role of this platform goes by; nothing secret."""
    if target != HEROKU:
        beanstalk = view.platforms.beanstalk
        return {
            "application": beanstalk.application,
            "environment": beanstalk.environment,
            "region": beanstalk.region,
            "platform": platform_beanstalk.platform(beanstalk, view.python),
            "options": platform_beanstalk.options(view.app, beanstalk),
            "visibility_seconds": platform_beanstalk.visibility_seconds(view.celery) if view.celery else 0,
            "celery_settings": platform_beanstalk.settings(view.celery) if view.celery else "",
        }
    heroku = view.platforms.heroku
    dynos = platform_heroku.formation(heroku, platform_tree.processes(view.app, view.celery))
    settings = platform_heroku.settings(view.celery)
    return {
        "name": heroku.name,
        "formation": {name: platform_heroku.sized(one) for name, one in dynos.items()},
        "config": settings,
    }


def _of_target(view: View, target: str) -> list[str]:
    if target != HEROKU:
        return platform_beanstalk.judge(view.platforms.beanstalk)
    commands = platform_tree.processes(view.app, view.celery)
    return platform_heroku.judge(view.platforms.heroku, commands)


def _celery(reading: Reading, platforms: Platforms, groups: Mapping[str, Any]) -> Celery | None:
    wanted = bool(groups.get(inventory.WORKERS)) if platforms.celery is None else platforms.celery
    return next(iter(reading.workers.values())) if wanted else None


def _serving(row: Mapping[str, Any], target: str) -> Serving:
    """As the inventory has it for uWSGI everywhere, but for what a router would not wait for."""

    def number(name: str) -> int:
        return int(row.get(name, VARIABLES[name].default))

    seconds = number("web_request_seconds")
    longest = min(seconds, platform_heroku.ROUTER_SECONDS) if target == HEROKU else seconds
    return Serving(number("uwsgi_processes"), number("uwsgi_threads"), longest)
