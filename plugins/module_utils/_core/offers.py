# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which services of the inventory an app is told of, and whether its hosts know of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import broker, celery, database
from ansible_collections.slipway.flask.plugins.module_utils._core.app import App

# group -> the variable by which an app finds what it offers
VARIABLES: Mapping[str, str] = {database.GROUP: database.VARIABLE, broker.GROUP: celery.BROKER_VARIABLE}
_NAMES: Mapping[str, str] = {database.GROUP: "database", broker.GROUP: "broker"}


def said(app: App) -> set[str]:
    """Variables that the inventory itself states, so that the app is told of no other value."""
    return {*app.environment, *app.secrets}


def told(app: App, services: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The services that the app is told of."""
    return {group: hosts for group, hosts in services.items() if VARIABLES[group] not in said(app)}


def judge_told(here: Mapping[str, Any], group: str, hosts: Sequence[str], tells: bool) -> Iterator[str]:
    """Of a host that runs the app. `tells`: this run tells it where the service on `hosts` is."""
    name, variable = _NAMES[group], VARIABLES[group]
    knows = variable in here.get("services", ())
    if hosts and not knows and not tells:
        yield (
            f"It was not told yet where the {name} on {hosts[0]} is."
            " Type: ansible-playbook slipway.flask.setup -i INVENTORY"
        )
    if not hosts and knows:
        yield (
            f"It was told of a {name} of ours, and no host is in the group {group} now. Put it back there, or write"
            f" {variable} into app_secrets."
        )
