# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the groups of an inventory."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.slipway.flask.plugins.module_utils._core.inventory import (
    BROKERS,
    DATABASES,
    RETIRED,
    SERVICES,
    STACKS,
    WORKERS,
    Groups,
    all_hosts,
    members,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import some

LATER_GROUPS = ("balancers",)
HOW = "nginx_uwsgi: {hosts: {web1.example.org: }} and web: {children: {nginx_uwsgi: }}"


def judge_groups(groups: Groups) -> tuple[list[str], list[str]]:
    """Problems and warnings of the groups."""
    stacks = members(groups)
    problems = list(_several(stacks)) + list(_not_in_web(groups, stacks)) + list(_one_database(groups))
    problems += [*_brokers(groups), *_retired(groups)]
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
    hosts = groups.get(DATABASES, ())
    if len(hosts) > 1:
        yield f"{some(hosts)} are in the group databases: an app has one database. Leave one of them there."


def _brokers(groups: Groups) -> Iterator[str]:
    hosts = groups.get(BROKERS, ())
    if hosts and len(hosts) % 2 == 0:
        yield (
            f"{some(hosts)} are {len(hosts)} hosts in the group brokers: a majority has to agree on each message, so"
            " an even number can lose no more of them than one less. Make it 1, 3 or 5."
        )


def _retired(groups: Groups) -> Iterator[str]:
    for host in (host for host in groups.get(RETIRED, ()) if host in all_hosts(groups)):
        named = [name for name in ("web", *STACKS, WORKERS, *SERVICES) if host in groups.get(name, ())]
        yield f"{host} is in the group retired, and in {' and '.join(named)} as well: remove it from there."


def _no_stack(groups: Groups) -> str:
    own = sorted(name for name, hosts in groups.items() if hosts and name not in ("all", "ungrouped"))
    near = next((f" {name} looks like {meant}." for name in own if (meant := nearest(name, STACKS))), "")
    there = f"it has {', '.join(own)}" if own else "it has no groups"
    return f"No host of the inventory is in a stack group ({there}).{near} Write {HOW}."


def _names(last: str = " and ") -> str:
    *others, one = STACKS
    return ", ".join(others) + last + one
