# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where hosts come from, as those see it that they connect to."""

from __future__ import annotations

DOCUMENTATION = r"""
name: networks
short_description: Where hosts come from, one network for each address, as M(slipway.flask.survey) found them
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - For rules that let hosts in by where they come from.
options:
  _input:
    description: Names of hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
postgresql_clients: "{{ groups.web | slipway.flask.networks(hostvars) }}"
"""

RETURN = r"""
_value:
  description: >-
    C(networks), all of their addresses but the loopback, such as C(10.0.0.7/32); C(known), whether each of them was
    looked at.
  type: dict
"""

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any


def networks(hosts: Sequence[str], hostvars: Any) -> dict[str, Any]:
    facts = [hostvars.raw_get(host).get("ansible_facts", {}).get("slipway") or {} for host in hosts]
    found = {str(ipaddress.ip_network(address)) for row in facts for address in row.get("addresses", ())}
    return {"known": all("addresses" in row for row in facts), "networks": sorted(found)}


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"networks": networks}
