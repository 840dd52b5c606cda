# SPDX-License-Identifier: GPL-3.0-or-later
"""RabbitMQ for the blog, alone or in a cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest
import testinfra
from testinfra.host import Host


def ctl(broker: Host, *words: str) -> Any:
    return json.loads(broker.check_output(f"rabbitmqctl -q {' '.join(words)} --formatter json"))


def test_unit_runs_and_comes_back_after_a_reboot(broker: Host) -> None:
    assert broker.service("rabbitmq-server").is_running
    assert broker.service("rabbitmq-server").is_enabled


def test_a_broker_that_is_killed_comes_back(broker: Host) -> None:
    """By its supervisord where it has one, and else by systemd."""
    process = "pgrep -u rabbitmq -x beam.smp"
    was = broker.check_output(process)
    parent = broker.check_output(f"ps -o comm= -p $(ps -o ppid= -p {was})").strip()
    supervised = broker.file("/etc/rabbitmq/slipway-supervisord.conf").exists
    assert (parent == "supervisord") is supervised
    broker.check_output(f"kill -KILL {was}")
    again = "timeout 60 sh -c 'until rabbitmqctl -q await_startup 2>/dev/null; do sleep 1; done'"
    broker.check_output(again)
    assert broker.check_output(process) != was


def test_nobody_has_the_password_that_everybody_knows(broker: Host) -> None:
    assert ctl(broker, "list_users") == [{"user": "blog", "tags": []}]


def test_every_broker_is_in_the_cluster_and_keeps_the_tasks(broker: Host, request: pytest.FixtureRequest) -> None:
    inventory = request.config.option.ansible_inventory
    nodes = len(testinfra.get_hosts(["ansible://brokers"], ansible_inventory=inventory))
    status = ctl(broker, "cluster_status")
    assert len(status["running_nodes"]) == nodes
    queues = {row["name"]: row for row in ctl(broker, "list_queues", "-p", "blog", "name", "type", "members")}
    assert queues["celery"]["type"] == "quorum" and len(queues["celery"]["members"]) == nodes


def test_it_listens_only_where_somebody_needs_it(broker: Host) -> None:
    addresses = {line.split()[3] for line in broker.check_output("ss --no-header -tln").splitlines()}
    assert "127.0.0.1:5672" in addresses
    assert not {"0.0.0.0:5672", "*:5672", "*:4369", "0.0.0.0:4369", "0.0.0.0:25672"} & addresses
