# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app as Heroku runs it: the files it is told by, its dynos, and the environment it finds."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import celery_programs, platform_tree
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import SETTINGS_VARIABLE, Celery
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import Dynos, Heroku
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_tree import Shape

# https://github.com/heroku/heroku-buildpack-python: what its versions may be
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
RELEASE, POST_COMPILE, PROFILE = "release", "bin/post_compile", ".profile.d/slipway.sh"
PYTHON_VERSION, IGNORED, MANIFEST = ".python-version", ".slugignore", "app.json"
RUNTIME = "runtime.txt"
# Heroku's router gives up on a request after this
ROUTER_SECONDS = 30
EXECUTABLE = frozenset({POST_COMPILE})
# an add-on is one broker, shared with others: classic queues, and few connections
OF_BROKER: Mapping[str, Any] = {
    "broker_connection_retry_on_startup": True,
    "broker_pool_limit": 1,
    "broker_transport_options": {"confirm_publish": True},
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
}


def files(shape: Shape, heroku: Heroku, paths: Collection[str]) -> dict[str, str]:
    """What stands beside the app's own files; `paths` are those."""
    commands = platform_tree.processes(shape.app, shape.celery)
    migration = platform_tree.migration(shape)
    found = platform_tree.files(shape, static=True)
    found[platform_tree.PROCFILE] = platform_tree.procfile({**commands, **({RELEASE: migration} if migration else {})})
    found[PYTHON_VERSION] = f"{shape.python}\n"
    found[PROFILE] = _profile(shape)
    found[MANIFEST] = _manifest(shape, heroku, commands)
    if IGNORED not in paths:
        found[IGNORED] = "/.github\n/.gitlab-ci.yml\n"
    if shape.app.build_commands:
        found[POST_COMPILE] = "#!/usr/bin/env bash\nset -e\n" + "".join(f"{one}\n" for one in shape.app.build_commands)
    return found


def formation(heroku: Heroku, commands: Collection[str]) -> dict[str, Dynos]:
    """One dyno of each process type, where nothing else is said."""
    return {name: heroku.formation.get(name, Dynos(1)) for name in commands}


def settings(celery: Celery | None) -> dict[str, str]:
    """Config vars besides those that the inventory says."""
    return {SETTINGS_VARIABLE: celery_programs.settings(celery, OF_BROKER)} if celery else {}


def judge(heroku: Heroku, commands: Collection[str]) -> list[str]:
    """What Heroku would refuse."""
    return [
        f"heroku_formation has {name}, which is no process type of the app: it has {', '.join(commands)}."
        for name in heroku.formation
        if name not in commands
    ]


def _profile(shape: Shape) -> str:
    """Read by every dyno before its process starts."""
    return (
        "# Made by slipway.flask: what the app finds on every target.\n"
        "# SQLAlchemy knows the scheme by its whole name only\n"
        'case "${DATABASE_URL:-}" in\n'
        '  postgres://*) export DATABASE_URL="postgresql://${DATABASE_URL#postgres://}" ;;\nesac\n'
        'if [ -n "${CLOUDAMQP_URL:-}" ] && [ -z "${CELERY_BROKER_URL:-}" ]; then\n'
        '  export CELERY_BROKER_URL="$CLOUDAMQP_URL"\nfi\n'
        # a committed .env or .flaskenv must not switch production into debug mode
        "export FLASK_DEBUG=0 PYTHONUNBUFFERED=1\n"
        f"export SLIPWAY_APP={shape.app.name} SLIPWAY_COMMIT={shape.commit} SLIPWAY_RELEASE={shape.commit[:12]}\n"
    )


def _manifest(shape: Shape, heroku: Heroku, commands: Collection[str]) -> str:
    names = sorted({*settings(shape.celery), *shape.app.environment, *shape.app.secrets})
    described: dict[str, Any] = {
        "name": heroku.name,
        "description": f"{shape.app.name}, as slipway.flask ships it",
        "stack": heroku.stack,
        "buildpacks": [{"url": "heroku/python"}],
        "addons": [{"plan": addon} for addon in heroku.addons],
        "env": {name: {"description": "from the inventory", "required": True} for name in names},
        "formation": {name: sized(dynos) for name, dynos in formation(heroku, commands).items()},
    }
    return json.dumps(described, indent=2, sort_keys=True) + "\n"


def sized(dynos: Dynos) -> dict[str, Any]:
    """As Heroku is told."""
    return {"quantity": dynos.quantity, **({"size": dynos.size} if dynos.size else {})}
