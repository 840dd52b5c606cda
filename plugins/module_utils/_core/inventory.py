# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the groups of an inventory say, and what hosts of one app have to agree on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

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
LATER_GROUPS = ("brokers", "workers", "databases", "balancers", "retired")
MAY_DIFFER = (
    "app_environment",
    "app_secrets",
    "app_files",
    "app_system_packages",
    "app_keep_releases",
    "deploy_user_name",
    "deploy_user_keys",
    "deploy_user_sudo",
    "gate_untested_allowed",
    "site_maintenance_exempt",
    "web_slots",
    "uwsgi_processes",
    "uwsgi_threads",
    "tornado_threads",
)
HOW = "nginx_uwsgi: {hosts: {web1.example.org: }} and web: {children: {nginx_uwsgi: }}"


def members(groups: Groups) -> dict[str, list[str]]:
    """The hosts of each stack group."""
    return {stack: list(groups[stack]) for stack in STACKS if groups.get(stack)}


def web_hosts(groups: Groups) -> list[str]:
    """Every host that shall serve the app, in the order of the inventory."""
    found = [host for hosts in (*members(groups).values(), groups.get("web", ())) for host in hosts]
    return list(dict.fromkeys(found))


def packages(stacks: Groups) -> list[str]:
    """Python packages that the servers of these stacks need."""
    return sorted({package for stack in stacks for package in STACKS[stack].packages})


def judge_groups(groups: Groups) -> tuple[list[str], list[str]]:
    """Problems and warnings of the groups."""
    stacks = members(groups)
    problems = list(_several(stacks)) + list(_not_in_web(groups, stacks))
    if not stacks:
        problems.append(_no_stack(groups))
    warnings = [
        f"The group {name} comes later: this version of slipway.flask does nothing for {_some(groups[name])}."
        for name in LATER_GROUPS
        if groups.get(name)
    ]
    return problems, warnings


def judge_agreement(rows: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Variables whose values differ between hosts although the app has only one of them."""
    names = sorted({name for row in rows.values() for name in row} - set(MAY_DIFFER))
    return [problem for name in names for problem in _differing(name, rows)]


def _differing(name: str, rows: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    hosts: dict[str, list[str]] = {}
    for host, row in rows.items():
        hosts.setdefault(seen(name, row[name]) if name in row else f"{name} is not set", []).append(host)
    if len({repr(row.get(name)) for row in rows.values()}) > 1:
        sides = "; ".join(f"{said} on {_some(where)}" for said, where in hosts.items())
        yield f"{sides}. It has to be the same for all hosts: set it once, in group_vars/all.yml."


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
            yield f"{_some(outside)} of {stack} is not in the group web: write web: {{children: {{{stack}: }}}}."
    bare = [host for host in web if host not in with_stack]
    if bare and stacks:
        yield f"{_some(bare)} is in the group web but in no stack: write it under {_names(' or ')}."


def _no_stack(groups: Groups) -> str:
    own = sorted(name for name, hosts in groups.items() if hosts and name not in ("all", "ungrouped"))
    near = next((f" {name} looks like {meant}." for name in own if (meant := nearest(name, STACKS))), "")
    there = f"it has {', '.join(own)}" if own else "it has no groups"
    return f"No host of the inventory is in a stack group ({there}).{near} Write {HOW}."


def _names(last: str = " and ") -> str:
    *others, one = STACKS
    return ", ".join(others) + last + one


def _some(hosts: Sequence[str], most: int = 5) -> str:
    return ", ".join(hosts[:most]) + (f" and {len(hosts) - most} more" if len(hosts) > most else "")
