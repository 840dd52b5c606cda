# SPDX-License-Identifier: GPL-3.0-or-later
"""What scenarios with workers and brokers have besides: each test is asked of each host of its group."""

from __future__ import annotations

import pytest
import testinfra

GROUPS = {"broker": "brokers", "worker": "workers"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name in GROUPS.keys() & set(metafunc.fixturenames):
        inventory = metafunc.config.option.ansible_inventory
        found = testinfra.get_hosts([f"ansible://{GROUPS[name]}"], ansible_inventory=inventory)
        metafunc.parametrize(name, found, ids=lambda host: host.backend.get_hostname())
