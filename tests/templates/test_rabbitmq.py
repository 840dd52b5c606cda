# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a broker listens, and how brokers find each other. That RabbitMQ takes it is seen on hosts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.render import evaluate, render

FACTS = {"slipway": {"hostname": "mq1", "addresses": ["fd00::1", "10.0.0.1"], "memory_mb": 4096, "packages": []}}
NODES = [{"name": f"mq{n}.example.org", "hostname": f"mq{n}", "address": f"10.0.0.{n}"} for n in (1, 2, 3)]
CLUSTER = {"known": True, "hosts": NODES}


def part(name: str, **variables: Any) -> Any:
    given = {"ansible_facts": FACTS, "app_name": "blog", "inventory_hostname": "mq1.example.org"}
    return evaluate("rabbitmq", f"{{{{ __rabbitmq_{name} }}}}", **given | variables)


def file(name: str, **variables: Any) -> str:
    given = {"ansible_facts": FACTS, "app_name": "blog", "inventory_hostname": "mq1.example.org"}
    return render("rabbitmq", name, **given | variables)


def test_alone_it_is_reached_from_its_host_only() -> None:
    assert "listeners.tcp.default = 127.0.0.1:5672\n" in file("broker.conf.j2")
    assert "listeners.ssl" not in file("app.conf.j2")
    assert "inet_dist_use_interface {127,0,0,1}" in file("environment.j2")
    assert '{host, {127,0,0,1}, ["mq1"]}.' in file("inetrc.j2")
    assert [line for line in file("epmd.conf.j2").splitlines() if "Listen" in line] == [
        "ListenStream=",
        "ListenStream=127.0.0.1:4369",
    ]


def test_hosts_elsewhere_come_over_tls() -> None:
    assert "listeners.ssl.default = 5671\n" in file("app.conf.j2", rabbitmq_far=True)


def test_brokers_of_a_cluster_find_each_other_under_their_own_names() -> None:
    found = file("inetrc.j2", rabbitmq_nodes=CLUSTER)
    assert all(f'{{host, {{10,0,0,{n}}}, ["mq{n}"]}}.' in found for n in (1, 2, 3))
    assert "inet_dist_use_interface {10,0,0,1}" in file("environment.j2", rabbitmq_nodes=CLUSTER)
    assert "ListenStream=10.0.0.1:4369" in file("epmd.conf.j2", rabbitmq_nodes=CLUSTER)
    assert part("node_names", rabbitmq_nodes=CLUSTER) == ["rabbit@mq1", "rabbit@mq2", "rabbit@mq3"]


def test_one_of_them_leads_and_shares_what_they_know_each_other_by() -> None:
    assert part("leads", rabbitmq_nodes=CLUSTER) is True
    other = {"inventory_hostname": "mq2.example.org", "rabbitmq_nodes": CLUSTER}
    assert part("leads", **other) is False
    shared = {"content": "Y29va2ll"}
    (cookie,) = part("cookies", **other, __rabbitmq_shared=shared)
    assert (cookie["content"], cookie["mode"], cookie["secret"]) == ("cookie", "0400", True)
    assert part("cookies", rabbitmq_nodes=CLUSTER, __rabbitmq_shared=shared) == []


def test_with_a_part_of_the_brokers_nobody_leads() -> None:
    assert part("leads", rabbitmq_nodes={"known": False, "hosts": []}) is False


def test_those_that_leave_are_known_until_they_have_left() -> None:
    leaving = {
        "rabbitmq_nodes": {"known": True, "hosts": NODES[:1]},
        "rabbitmq_leaving": {"known": True, "hosts": NODES[1:]},
    }
    assert part("alone", **leaving) is False
    assert '["mq3"]' in file("inetrc.j2", **leaving)


def test_only_a_member_of_a_cluster_waits_for_the_others() -> None:
    assert part("waits", rabbitmq_nodes=CLUSTER) == []
    member = {"slipway": {**FACTS["slipway"], "cluster": ["rabbit@mq1", "rabbit@mq2"]}}
    (wait,) = part("waits", rabbitmq_nodes=CLUSTER, ansible_facts=member)
    assert wait[:3] == ["rabbitmq-upgrade", "-q", "await_online_quorum_plus_one"]


@pytest.mark.parametrize(("seconds", "timeout"), [(300, ""), (900, ""), (1200, "consumer_timeout = 2400000\n")])
def test_the_broker_waits_longer_than_a_task_may_take(seconds: int, timeout: str) -> None:
    found = file("app.conf.j2", rabbitmq_task_seconds=seconds)
    assert timeout in found and ("consumer_timeout" in found) == bool(timeout)


def test_it_leaves_room_to_its_neighbours() -> None:
    assert "vm_memory_high_watermark.absolute = 1024MB\n" in file("broker.conf.j2")
    assert "vm_memory_high_watermark.absolute = 300MB\n" in file("broker.conf.j2", rabbitmq_memory_mb=300)
    plugins = file("broker.conf.j2", rabbitmq_plugins=["rabbitmq_management"])
    assert "management.tcp.ip = 127.0.0.1\n" in plugins and "prometheus" not in plugins
