# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which brokers form a cluster, by the inventory and by what they know themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Facts = Mapping[str, Any]


def node(hostname: str) -> str:
    """What RabbitMQ calls itself on a host; Debian's default, which a cluster of one keeps when it grows."""
    return f"rabbit@{hostname}"


def strangers(known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Nodes that a broker knows and the inventory does not."""
    return sorted(set(known) - set(wanted))


def judge(brokers: Mapping[str, Facts], retired: Mapping[str, Facts], set_up: bool) -> Mapping[str, list[str]]:
    """Of each broker, once all of them were looked at: of a part nobody can say who is a stranger.

    `set_up`: the run ships, and leaves the brokers as they are.
    """
    if not all(brokers.values()):
        return {}
    nodes = {host: node(row["hostname"]) for host, row in brokers.items() if "hostname" in row}
    leaving = [node(row["hostname"]) for row in retired.values() if "hostname" in row]
    return {host: list(_judge(host, brokers[host].get("cluster") or [], nodes, leaving, set_up)) for host in nodes}


def _judge(
    host: str, known: Sequence[str], nodes: Mapping[str, str], leaving: Sequence[str], set_up: bool
) -> Iterator[str]:
    same = [other for other, name in nodes.items() if name == nodes[host] and other != host]
    if same:
        name = nodes[host].partition("@")[2]
        yield f"It calls itself {name}, and so does {same[0]}. Give one of them another hostname."
    for strange in strangers(known, [*nodes.values(), *leaving]):
        yield (
            f"The cluster of brokers knows {strange}, and the inventory has no such broker. Write its host into the"
            f" group retired to have it leave. Of one that is gone for good, type on {host}:"
            f" rabbitmqctl forget_cluster_node {strange}"
        )
    missing = strangers(list(nodes.values()), known) if known and set_up else []
    if missing:
        yield (
            f"It forms no cluster with {', '.join(missing)} yet, and a deploy does not change that."
            " Type: ansible-playbook slipway.flask.site -i INVENTORY"
        )
