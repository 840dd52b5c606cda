# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the groups of an inventory say: which host has which part in the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Stack:
    """A kind of web host."""

    packages: tuple[str, ...]  # what its server needs in the app's virtual environment
    front: str = ""  # the front server, one of `fronts.py`
    port: str = ""  # without one, the variable that says where visitors reach the server


STACKS: Mapping[str, Stack] = {
    "nginx_uwsgi": Stack(("pyuwsgi",), "nginx"),
    "apache_uwsgi": Stack(("pyuwsgi",), "apache"),
    "gevent": Stack(("gevent", "psycogreen", "whitenoise"), port="gevent_port"),
    "tornado": Stack(("tornado",), port="tornado_port"),
}
# Hosts that run the app and serve nobody, and hosts of what an app has behind it.
WORKERS, BROKERS, DATABASES = "workers", "brokers", "databases"
SERVICES = (DATABASES, BROKERS)
# Hosts that had a part in the app, and leave it.
RETIRED = "retired"
_SERVICE_ROLES = {DATABASES: ("postgresql", "main"), BROKERS: ("rabbitmq_celery", "broker")}


def members(groups: Groups) -> dict[str, list[str]]:
    """The hosts of each stack group."""
    return {stack: list(groups[stack]) for stack in STACKS if groups.get(stack)}


def web_hosts(groups: Groups) -> list[str]:
    """Every host that shall serve the app, in the order of the inventory."""
    found = [host for hosts in (*members(groups).values(), groups.get("web", ())) for host in hosts]
    return list(dict.fromkeys(found))


def app_hosts(groups: Groups) -> list[str]:
    """Every host that shall run the app: those that serve it first, so that one of them speaks for it."""
    return list(dict.fromkeys([*web_hosts(groups), *groups.get(WORKERS, ())]))


def services(groups: Groups) -> dict[str, list[str]]:
    """The hosts of each group of SERVICES."""
    return {group: list(groups[group]) for group in SERVICES if groups.get(group)}


def all_hosts(groups: Groups) -> list[str]:
    """Every host that has a part in the app, those that run it first."""
    return list(dict.fromkeys([*app_hosts(groups), *(host for hosts in services(groups).values() for host in hosts)]))


def roles(groups: Groups) -> dict[str, list[dict[str, str]]]:
    """What makes each host ready, role and entry point, in that order: an app finds its services there."""
    serving = web_hosts(groups)
    parts = {
        **{group: (hosts, _SERVICE_ROLES[group]) for group, hosts in services(groups).items()},
        **{stack: (hosts, (stack, "main")) for stack, hosts in members(groups).items()},
        # a host that serves the app as well has its workers beside its servers
        WORKERS: ([host for host in groups.get(WORKERS, ()) if host not in serving], ("rabbitmq_celery", "worker")),
    }
    found: dict[str, list[dict[str, str]]] = {}
    for hosts, (name, entry) in parts.values():
        for host in hosts:
            found.setdefault(host, []).append({"name": name, "entry": entry})
    return found


def packages(stacks: Groups) -> list[str]:
    """Python packages that the servers of these stacks need."""
    return sorted({package for stack in stacks for package in STACKS[stack].packages})
