# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's packages that a host stands on which runs an app. What stands behind an app has a transaction of its own: a
PostgreSQL takes its locale from the environment in which it is installed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.inventory import (
    DATABASES,
    STACKS,
    Groups,
    app_hosts,
    members,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.tls import PACKAGES, Tls

SUPERVISOR = "supervisor"
# with it the database is dumped before a release migrates it
CLIENT = "postgresql-client"


def of_app(services: Collection[str]) -> list[str]:
    """What every host needs that runs an app; `services` are those that the app is told of."""
    return [SUPERVISOR, *([CLIENT] if DATABASES in services else [])]


def of_site(front: str, method: str) -> list[str]:
    """What a front server needs, and the certificate of its site; nothing without one."""
    return [*FRONTS[front].packages, *PACKAGES[method]] if front else []


def of_hosts(groups: Groups, app: App, tls: Tls, services: Collection[str]) -> Mapping[str, list[str]]:
    """All of them, for each host that runs the app."""
    stacks = {host: stack for stack, hosts in members(groups).items() for host in hosts}
    fronts = {host: STACKS[stack].front for host, stack in stacks.items()}
    return {
        host: [*of_app(services), *of_site(fronts.get(host, ""), tls.method), *app.system_packages]
        for host in app_hosts(groups)
    }
