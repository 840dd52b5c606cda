# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app as Elastic Beanstalk runs it: the files it is told by, its settings, and the environment it finds."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import celery_programs, platform_tree
from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import (
    GRACE_SECONDS,
    Celery,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import AMAZON, Beanstalk
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_tree import Shape
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import SHIM_NAME

APPLICATION, EXTENSION = "application.py", ".ebextensions/10-slipway.config"
IGNORED, EB = ".ebignore", ".elasticbeanstalk/config.yml"
# commands of a bundle run without the environment that its requirements are in
ACTIVATE = ". /var/app/venv/*/bin/activate"
# SQS keeps a message away from others for so long at the most
LONGEST_VISIBILITY_SECONDS = 43200
LONGEST_POLL_SECONDS = 20
# what Celery needs to speak to SQS
SQS_PACKAGE = "celery[sqs]"
# SQS brings no results, and no orders to workers
OF_BROKER: Mapping[str, Any] = {
    "broker_connection_retry_on_startup": True,
    "task_acks_late": True,
    "task_ignore_result": True,
    "task_reject_on_worker_lost": True,
    "worker_enable_remote_control": False,
    "worker_prefetch_multiplier": 1,
}


def files(shape: Shape, beanstalk: Beanstalk, paths: Collection[str]) -> dict[str, str]:
    """What stands beside the app's own files; `paths` are those."""
    found = platform_tree.files(shape, static=False)
    found[platform_tree.PROCFILE] = platform_tree.procfile(platform_tree.processes(shape.app, shape.celery))
    found[EXTENSION] = json.dumps(_extension(shape), indent=2) + "\n"
    found[EB] = _eb(beanstalk, shape.python)
    if IGNORED not in paths:
        found[IGNORED] = ".git\n.elasticbeanstalk/\n"
    if shape.app.wsgi and APPLICATION not in paths:
        module = SHIM_NAME.removesuffix(".py")
        found[APPLICATION] = f"# Made by slipway.flask.\nfrom {module} import application  # noqa: F401\n"
    return found


def judge(beanstalk: Beanstalk) -> list[str]:
    """What names of things that are made depend on."""
    if beanstalk.region:
        return []
    return [
        "elastic_beanstalk_region is not set, and neither is AWS_REGION of this machine. Write where it shall run, such"
        " as elastic_beanstalk_region: eu-central-1"
    ]


def platform(beanstalk: Beanstalk, python: str) -> str:
    """The branch that is asked for."""
    return beanstalk.platform or f"Python {python} {AMAZON}"


def options(app: App, beanstalk: Beanstalk) -> dict[str, dict[str, str]]:
    """What the environment is, but for the names of things that are made for it."""
    alone = beanstalk.instances == 1
    found = {
        "aws:elasticbeanstalk:environment": {"EnvironmentType": "SingleInstance" if alone else "LoadBalanced"},
        "aws:autoscaling:asg": {"MinSize": str(beanstalk.instances), "MaxSize": str(beanstalk.instances)},
        # new instances beside the old ones, which go on when the new ones are not well
        "aws:elasticbeanstalk:command": {"DeploymentPolicy": "Immutable"},
        "aws:elasticbeanstalk:healthreporting:system": {"SystemType": "enhanced"},
        "aws:elasticbeanstalk:application": {"Application Healthcheck URL": app.health_path},
    }
    if not alone:
        found["aws:elasticbeanstalk:environment"]["LoadBalancerType"] = "application"
        found["aws:elasticbeanstalk:environment:process:default"] = {"HealthCheckPath": app.health_path}
    return found


def settings(celery: Celery) -> str:
    """How the app shall use its queue, but for which one that is."""
    return celery_programs.settings(celery, OF_BROKER)


def of_queue(told: str, name: str, url: str, region: str, seconds: int) -> str:
    """The same with the queue in it, so that the app needs no right to look for it. What the inventory says, stays."""
    said = json.loads(told)
    transport = {
        "region": region,
        "predefined_queues": {name: {"url": url}},
        "visibility_timeout": seconds,
        "wait_time_seconds": LONGEST_POLL_SECONDS,
    }
    transport |= said.get("broker_transport_options", {})
    return json.dumps({"task_default_queue": name, **said, "broker_transport_options": transport}, sort_keys=True)


def label(release: str, tree: str) -> str:
    """What a version is called: the app's commit, and a digest of all that is packed."""
    return f"{release}-{tree[:12]}"


def visibility_seconds(celery: Celery) -> int:
    """How long a task stays with who took it; then another one gets it."""
    return min(LONGEST_VISIBILITY_SECONDS, celery.task_seconds + GRACE_SECONDS)


def _extension(shape: Shape) -> dict[str, Any]:
    commands: dict[str, dict[str, object]] = {
        f"{number:02}_build": {"command": f"{ACTIVATE} && {one}"}
        for number, one in enumerate(shape.app.build_commands, 10)
    }
    if migration := platform_tree.migration(shape):
        commands["50_migrate"] = {"command": f"{ACTIVATE} && {migration}", "leader_only": True}
    facts = {
        # a committed .env or .flaskenv must not switch production into debug mode
        "FLASK_DEBUG": "0",
        "PYTHONUNBUFFERED": "1",
        "SLIPWAY_APP": shape.app.name,
        "SLIPWAY_COMMIT": shape.commit,
        "SLIPWAY_RELEASE": shape.commit[:12],
    }
    settings = {"aws:elasticbeanstalk:application:environment": facts}
    if shape.app.static:
        settings["aws:elasticbeanstalk:environment:proxy:staticfiles"] = dict(shape.app.static)
    return {"option_settings": settings, **({"container_commands": commands} if commands else {})}


def _eb(beanstalk: Beanstalk, python: str) -> str:
    """For the command line `eb`, which a person may use on the same tree."""
    rows: dict[str, Any] = {
        "branch-defaults": {"main": {"environment": beanstalk.environment}},
        "global": {
            "application_name": beanstalk.application,
            "default_platform": platform(beanstalk, python),
            "default_region": beanstalk.region or None,
            "sc": "git",
            "workspace_type": "Application",
        },
    }
    return json.dumps(rows, indent=2) + "\n"
