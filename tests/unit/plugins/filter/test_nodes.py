# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.flask.plugins.filter.nodes import FilterModule, nodes


class Hostvars(dict[str, Any]):
    """As Ansible has them, as far as the filter asks."""

    def raw_get(self, host: str) -> dict[str, Any]:
        return {"ansible_facts": {"slipway": self[host]}}


SEEN = {
    "mq1.example.org": {"hostname": "mq1", "addresses": ["fd00::1", "10.0.0.1"], "packages": ["rabbitmq-server"]},
    "mq2.example.org": {"hostname": "mq2", "addresses": ["10.0.0.2", "10.1.0.2"], "packages": []},
}


def test_each_has_its_own_name_and_its_first_address() -> None:
    assert nodes(list(SEEN), Hostvars(SEEN)) == {
        "known": True,
        "hosts": [
            {"name": "mq1.example.org", "hostname": "mq1", "address": "10.0.0.1"},
            {"name": "mq2.example.org", "hostname": "mq2", "address": "10.0.0.2"},
        ],
    }


def test_a_cluster_of_which_one_was_not_looked_at_is_not_known() -> None:
    assert nodes(list(SEEN), Hostvars({**SEEN, "mq2.example.org": {}})) == {"known": False, "hosts": []}


def test_who_does_not_have_the_package_is_left_out() -> None:
    found = nodes(list(SEEN), Hostvars(SEEN), "rabbitmq-server")
    assert [row["hostname"] for row in found["hosts"]] == ["mq1"]
    assert FilterModule().filters() == {"nodes": nodes}
