# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.flask.plugins.filter.networks import networks


class HostVars(dict[str, dict[str, Any]]):
    """As Ansible's: the variables of a host before templating."""

    def raw_get(self, host: str) -> dict[str, Any]:
        return self[host]


def facts(*addresses: str) -> dict[str, Any]:
    return {"ansible_facts": {"slipway": {"addresses": list(addresses)}}}


def test_each_address_is_a_network():
    hostvars = HostVars(a=facts("10.0.0.7", "fd00::7"), b=facts("10.0.0.8"), c=facts("10.0.0.9"))
    assert networks(["b", "a"], hostvars) == {"known": True, "networks": ["10.0.0.7/32", "10.0.0.8/32", "fd00::7/128"]}
    assert networks([], hostvars) == {"known": True, "networks": []}


def test_a_host_that_nobody_has_looked_at_is_not_known():
    hostvars = HostVars(a=facts("10.0.0.7"), b={}, c={"ansible_facts": {"slipway": {"bare": True}}})
    assert not networks(["a", "b"], hostvars)["known"]
    assert not networks(["a", "c"], hostvars)["known"]
