# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an inventory says about platforms that run the app: `platform_*`, `heroku_*`, `elastic_beanstalk_*`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import truth
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_rules import RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.settled import settled

HEROKU, BEANSTALK = "heroku", "elastic_beanstalk"
TARGETS = (HEROKU, BEANSTALK)
POSTGRESQL, BROKER = "heroku-postgresql", "cloudamqp"
# AWS's name of a platform without its Python
AMAZON = "running on 64bit Amazon Linux 2023"


@dataclass(frozen=True)
class Dynos:
    """So many of a process type, of a size ("": the platform's choice)."""

    quantity: int
    size: str = ""


@dataclass(frozen=True)
class Heroku:
    """What the variables `heroku_*` state of the app."""

    name: str
    stack: str
    addons: tuple[str, ...]
    formation: Mapping[str, Dynos]  # only what is said

    def has(self, service: str) -> bool:
        """Whether an add-on of this service is asked for."""
        return any(addon.partition(":")[0] == service for addon in self.addons)


@dataclass(frozen=True)
class Beanstalk:
    """What the variables `elastic_beanstalk_*` state of the app."""

    application: str
    environment: str
    region: str
    platform: str  # "": by the app's Python
    instances: int
    database: bool


@dataclass(frozen=True)
class Platforms:
    """All of it."""

    celery: bool | None  # None: when the inventory has workers
    accepts: tuple[str, ...]
    heroku: Heroku
    beanstalk: Beanstalk
    said: Mapping[str, Any] = field(repr=False, default_factory=dict)


def settle(raw: Mapping[str, object], app: str) -> Platforms:
    """Raises DescriptionError with all that is wrong."""
    said = settled(RULES, raw)
    celery = said["platform_celery"]
    return Platforms(
        celery=None if celery == "auto" else truth(celery),
        accepts=tuple(said["platform_accepts"]),
        heroku=_heroku(said, app),
        beanstalk=_beanstalk(said, app),
        said=said,
    )


def _heroku(said: Mapping[str, Any], app: str) -> Heroku:
    formation = {name: _dynos(entry) for name, entry in said["heroku_formation"].items()}
    return Heroku(said["heroku_app"] or app, said["heroku_stack"], tuple(said["heroku_addons"]), formation)


def _dynos(entry: Any) -> Dynos:
    if isinstance(entry, Mapping):
        return Dynos(int(entry.get("quantity") or 0), entry.get("size") or "")
    return Dynos(int(entry))


def _beanstalk(said: Mapping[str, Any], app: str) -> Beanstalk:
    own = {name.removeprefix(f"{BEANSTALK}_"): value for name, value in said.items()}
    return Beanstalk(
        application=own["application"] or app,
        environment=own["environment"] or app,
        region=own["region"],
        platform=own["platform"],
        instances=int(own["instances"]),
        database=bool(own["database"] or own["database_url"]),
    )
