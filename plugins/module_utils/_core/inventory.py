# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the groups of an inventory say: which host has which part in the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import some

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
LATER_GROUPS = ("balancers", "retired")
_SERVICE_ROLES = {DATABASES: ("postgresql", "main"), BROKERS: ("rabbitmq_celery", "broker")}
HOW = "nginx_uwsgi: {hosts: {web1.example.org: }} and web: {children: {nginx_uwsgi: }}"


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


def judge_groups(groups: Groups) -> tuple[list[str], list[str]]:
    """Problems and warnings of the groups."""
    stacks = members(groups)
    problems = list(_several(stacks)) + list(_not_in_web(groups, stacks)) + list(_one_database(groups))
    problems += _brokers(groups)
    if not stacks:
        problems.append(_no_stack(groups))
    warnings = [
        f"The group {name} comes later: this version of slipway.flask does nothing for {some(groups[name])}."
        for name in LATER_GROUPS
        if groups.get(name)
    ]
    return problems, warnings


def _several(stacks: Groups) -> Iterator[str]:
    for host in dict.fromkeys(host for hosts in stacks.values() for host in hosts):
        among = [stack for stack, hosts in stacks.items() if host in hosts]
        if len(among) > 1:
            yield f"{host} is in the groups {' and '.join(among)}: it may be in one only. Remove it from the others."


def _not_in_web(groups: Groups, stacks: Groups) -> Iterator[str]:
    web = list(groups.get("web", ()))
    with_stack = {host for hosts in stacks.values() for host in hosts}
    for stack, hosts in stacks.items():
        outside = [host for host in hosts if host not in web]
        if outside:
            yield f"{some(outside)} of {stack} is not in the group web: write web: {{children: {{{stack}: }}}}."
    bare = [host for host in web if host not in with_stack]
    if bare and stacks:
        yield f"{some(bare)} is in the group web but in no stack: write it under {_names(' or ')}."


def _one_database(groups: Groups) -> Iterator[str]:
    hosts = groups.get("databases", ())
    if len(hosts) > 1:
        yield f"{some(hosts)} are in the group databases: an app has one database. Leave one of them there."


def _brokers(groups: Groups) -> Iterator[str]:
    hosts = groups.get(BROKERS, ())
    if hosts and len(hosts) % 2 == 0:
        yield (
            f"{some(hosts)} are {len(hosts)} hosts in the group brokers: a majority has to agree on each message, so"
            " an even number can lose no more of them than one less. Make it 1, 3 or 5."
        )


def _no_stack(groups: Groups) -> str:
    own = sorted(name for name, hosts in groups.items() if hosts and name not in ("all", "ungrouped"))
    near = next((f" {name} looks like {meant}." for name in own if (meant := nearest(name, STACKS))), "")
    there = f"it has {', '.join(own)}" if own else "it has no groups"
    return f"No host of the inventory is in a stack group ({there}).{near} Write {HOW}."


def _names(last: str = " and ") -> str:
    *others, one = STACKS
    return ", ".join(others) + last + one
