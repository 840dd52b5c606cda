# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RabbitMQ on this host, asked and told by its own command line tools."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import broker, broker_cluster
from ansible_collections.slipway.flask.plugins.module_utils._core.broker import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.broker_report import of_queues
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.command import run

SECONDS, JOIN_SECONDS = 60, 300
HOME = Path("/var/lib/rabbitmq")
NAMELESS = "guest"
# what a node does when it sees only half of the others, as broker.conf has it
HALVES = "application:set_env(rabbit, cluster_partition_handling, {})."
QUEUE_COLUMNS = ("name", "type", "consumers", "messages_ready", "messages_unacknowledged")


def must(*argv: str, seconds: float = SECONDS) -> str:
    """What a tool prints; its failure, in its own words, is ours."""
    variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
    result = run(list(argv), timeout=seconds, env=variables, cwd="/")
    if not result.ok:
        end = f"gave no answer within {seconds:g} s" if result.timed_out else f"failed with status {result.status}"
        raise SlipwayError(f"`{' '.join(argv[:3])}` {end}:\n{result.tail(8)}")
    return result.stdout


def asked(*argv: str, seconds: float = SECONDS) -> Any:
    """The same of a question, answered as JSON."""
    return json.loads(must(argv[0], "-q", *argv[1:], "--formatter", "json", seconds=seconds) or "null")


def place(wanted: Wanted | None, nodes: Sequence[str], check: bool) -> list[str]:
    """Join the cluster, and give the app what it has there; `wanted` None: another node does that. What was done."""
    return [*_join(nodes, check), *(_define(wanted, check) if wanted else ())]


def remove(name: str, check: bool) -> list[str]:
    """What an app had on a broker goes, with all tasks in it."""
    found = asked("rabbitmqctl", "list_vhosts")
    users = asked("rabbitmqctl", "list_users")
    steps = []
    if any(row["name"] == name for row in found):
        steps.append((f"delete the virtual host {name}", ("delete_vhost", name)))
    if any(row["user"] == name for row in users):
        steps.append((f"delete the user {name}", ("delete_user", name)))
    for _text, argv in steps if not check else ():
        must("rabbitmqctl", "-q", *argv)
    return [text for text, _argv in steps]


def retire(name: str, check: bool) -> tuple[list[str], bool]:
    """Hand on what this node has, and leave: the cluster, or as the only one, the app. And whether it has left.

    A broker that other apps have, too, stays as it is.
    """
    shared = {row["name"] for row in asked("rabbitmqctl", "list_vhosts")} - {"/", name}
    return ([], False) if shared else (_leave(name, check), True)


def _leave(name: str, check: bool) -> list[str]:
    here, found = _here(), cluster()
    others = [node for node in found["running"] if node != here]
    if not others:
        return _retire_alone(name, found["nodes"], check)
    if not check:
        # every queue has its copies on the others, and then its clients go there: the other way round, the copies here
        # would stand still, and of two nodes the one that stays would be no majority
        _give_up_copies(here)
        must("rabbitmq-upgrade", "-q", "drain", seconds=JOIN_SECONDS)
        with _going_on(others if 2 * len(others) <= len(found["nodes"]) else []):
            must("rabbitmqctl", "-q", "stop_app", seconds=JOIN_SECONDS)
            must("rabbitmqctl", "-q", "reset", seconds=JOIN_SECONDS)
    return [f"hand on what {here} has, and leave the cluster"]


def _give_up_copies(here: str) -> None:
    """A queue that could not would be lost with this node, and the tool ends well all the same."""
    kept = asked("rabbitmq-queues", "shrink", here, "--errors-only", seconds=JOIN_SECONDS)
    if kept:
        told = "; ".join(f"{row['name']}: {row['result']}" for row in kept)
        raise SlipwayError(f"{here} cannot leave its cluster yet, since queues still need it. {told}. Run again.")


@contextlib.contextmanager
def _going_on(nodes: Sequence[str]) -> Iterator[None]:
    """These would wait for who just leaves, since without him they are no majority until he has left."""
    for node in nodes:
        must("rabbitmqctl", "-q", "--node", node, "eval", HALVES.format("ignore"))
    try:
        yield
    finally:
        for node in nodes:
            must("rabbitmqctl", "-q", "--node", node, "eval", HALVES.format("pause_minority"))


def report(name: str) -> dict[str, Any]:
    """How the broker and its cluster are, and what waits there."""
    rows = asked("rabbitmqctl", "list_queues", "-p", name, *QUEUE_COLUMNS)
    return {"node": _here(), **cluster(), **of_queues(name, rows)}


def cluster() -> dict[str, Any]:
    """The nodes that this one knows, those of them that run, and what keeps publishers waiting."""
    found = asked("rabbitmqctl", "cluster_status")
    alarms = [row if isinstance(row, str) else json.dumps(row) for row in found.get("alarms", ())]
    return {"nodes": sorted(found["disk_nodes"]), "running": sorted(found["running_nodes"]), "alarms": alarms}


def _retire_alone(name: str, nodes: Sequence[str], check: bool) -> list[str]:
    if len(nodes) > 1:
        raise SlipwayError(
            f"{_here()} is the last that runs of {', '.join(nodes)}, and what it has would be lost. Start the others."
        )
    rows = [row for row in asked("rabbitmqctl", "list_vhosts", "name", "messages") if row["name"] == name]
    if left := sum(int(row["messages"] or 0) for row in rows):
        raise SlipwayError(
            f"{_here()} has {left} tasks of {name}, and no other broker to hand them on to. Put the host back into the"
            f" group brokers until they are done. Or give them up; type here: rabbitmqctl delete_vhost {name}"
        )
    return remove(name, check)


def _here() -> str:
    return broker_cluster.node(os.uname().nodename.partition(".")[0])


def _join(nodes: Sequence[str], check: bool) -> list[str]:
    """Be one of `nodes`, the first of which takes the others in."""
    here = _here()
    if len(nodes) < 2 or here == nodes[0] or nodes[0] in cluster()["nodes"]:
        return []
    found = asked("rabbitmqctl", "list_vhosts")
    if held := sorted(row["name"] for row in found if row["name"] != "/"):
        raise SlipwayError(
            f"{here} is a broker by itself and holds {', '.join(held)}, which it would lose when it joined {nodes[0]}."
            " Let its tasks come to an end and delete its virtual hosts there, or take another host."
        )
    if not check:
        must("rabbitmqctl", "-q", "stop_app")
        must("rabbitmqctl", "-q", "reset")
        try:
            must("rabbitmqctl", "-q", "join_cluster", nodes[0], seconds=JOIN_SECONDS)
        finally:
            must("rabbitmqctl", "-q", "start_app", seconds=JOIN_SECONDS)
        # queues that were there before are kept here, too
        must("rabbitmq-queues", "-q", "grow", here, "all", seconds=JOIN_SECONDS)
    return [f"join the cluster of {nodes[0]}"]


def _define(wanted: Wanted, check: bool) -> list[str]:
    found: Mapping[str, Any] = json.loads(must("rabbitmqctl", "-q", "export_definitions", "-", "--format", "json"))
    missing = broker.lacking(wanted, found, secrets.token_bytes(broker.SALT_BYTES))
    steps = [f"define {', '.join(sorted(missing))} of {wanted.app}"] if missing else []
    if missing and not check:
        _import(missing)
    if any(user["name"] == NAMELESS for user in found["users"]):
        steps.append(f"delete the user {NAMELESS}, whose password everybody knows")
        if not check:
            must("rabbitmqctl", "-q", "delete_user", NAMELESS)
    return steps


def _import(rows: Mapping[str, Any]) -> None:
    """From a file that the broker can read: a digest of the password stands in it, and never the password."""
    with tempfile.NamedTemporaryFile("w", dir=HOME, prefix="slipway-", suffix=".json", encoding="utf-8") as file:
        json.dump(rows, file)
        file.flush()
        shutil.chown(file.name, "rabbitmq", "rabbitmq")
        must("rabbitmqctl", "-q", "import_definitions", file.name)
