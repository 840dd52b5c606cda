# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of one app must agree on."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.agreement import judge


def test_an_app_has_one_version_and_each_host_its_own_secrets() -> None:
    rows = {
        "a": {"app_version": "v1", "app_secrets": {"A": "1"}, "app_name": "x"},
        "b": {"app_version": "v2", "app_name": "x"},
        "c": {"app_name": "x", "app_secrets": {"A": "2"}},
    }
    assert judge(rows) == [
        'app_version is "v1" on a; app_version is "v2" on b; app_version is not set on c.'
        " It has to be the same for all hosts: set it once, in group_vars/all.yml."
    ]


def test_each_broker_and_database_has_an_address_and_limits_of_its_own() -> None:
    own = ("rabbitmq_address", "rabbitmq_memory_mb", "rabbitmq_disk_mb", "postgresql_address", "postgresql_memory_mb")
    assert judge({"a": dict.fromkeys(own, 1), "b": dict.fromkeys(own, 2)}) == []
