# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host tests of all scenarios share. Ansible's inventory of the scenario names the hosts (ansible://web)."""

from __future__ import annotations

import pytest
from testinfra.host import Host as Inside

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from tests import hosts


@pytest.fixture(scope="session")
def app() -> Layout:
    """Where the bundled blog lives."""
    return Layout.of("blog")


@pytest.fixture
def outside(host: Inside) -> hosts.Host:
    """The same host, seen from this machine."""
    name = host.backend.get_hostname()
    return next(one for one in hosts.find() if one.name == name)
