# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The brokers of an app, as they find each other."""

from __future__ import annotations

DOCUMENTATION = r"""
name: nodes
short_description: Name and address of each host of a cluster, as M(slipway.flask.survey) found them
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - For O(slipway.flask.rabbitmq#role:rabbitmq_nodes).
options:
  _input:
    description: Names of hosts, in the order of the inventory.
    type: list
    elements: str
    required: true
  hostvars:
    description: C(hostvars).
    type: dict
    required: true
  package:
    description: Leave out hosts that do not have this package of Debian.
    type: str
    default: ""
"""

EXAMPLES = r"""
rabbitmq_nodes: "{{ groups.brokers | slipway.flask.nodes(hostvars) }}"
"""

RETURN = r"""
_value:
  description: >-
    C(hosts), each with its C(name) in the inventory, its C(hostname) and its first IPv4 C(address); C(known), whether
    each of them was looked at.
  type: dict
"""

from collections.abc import Callable, Sequence
from typing import Any


def nodes(hosts: Sequence[str], hostvars: Any, package: str = "") -> dict[str, Any]:
    facts = {host: hostvars.raw_get(host).get("ansible_facts", {}).get("slipway") or {} for host in hosts}
    known = all("hostname" in row for row in facts.values())
    meant = {host: row for host, row in facts.items() if not package or package in row.get("packages", ())}
    return {"known": known, "hosts": [_node(host, row) for host, row in meant.items()] if known else []}


def _node(host: str, facts: dict[str, Any]) -> dict[str, str]:
    addresses = [address for address in facts["addresses"] if ":" not in address]
    return {"name": host, "hostname": facts["hostname"], "address": next(iter(addresses), "127.0.0.1")}


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"nodes": nodes}
