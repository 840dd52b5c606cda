# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RabbitMQ behind an app: what the variables `rabbitmq_*` may say, and what a broker has for the app."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    flag,
    free_text,
    listed,
    matching,
    whole,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.ports import who

GROUP = "brokers"
PORT, TLS_PORT, SERVER, PACKAGE = 5672, 5671, "beam.smp", "rabbitmq-server"
HASHING, SALT_BYTES = "rabbit_password_hashing_sha256", 4
POLICY = "slipway"
# queues in which Celery keeps what is no task, or a task that waits for its time
_CELERYS_OWN = "celery_delayed_|celeryev[.]|.*[.]pidbox$"

_PLUGIN = matching(r"rabbitmq_[a-z0-9_]+", "the name of a plugin, such as rabbitmq_management")

RULES: Mapping[str, Check] = {
    "rabbitmq_password": free_text,
    "rabbitmq_address": optional(matching(r"[0-9A-Za-z.:-]+", "a name or an address, such as 10.0.0.7")),
    "rabbitmq_memory_mb": whole(0),
    "rabbitmq_disk_mb": whole(50),
    "rabbitmq_delivery_limit": whole(1),
    "rabbitmq_plugins": listed(_PLUGIN),
    "rabbitmq_supervisor": flag,
}


@dataclass(frozen=True)
class Wanted:
    """What an app has on a broker: a virtual host of its own, a user of its own in it, and a place for dead tasks."""

    app: str
    password: str = field(repr=False)
    delivery_limit: int

    @property
    def dead(self) -> str:
        return f"{self.app}.dead"


def is_there(facts: Mapping[str, Any]) -> bool:
    return PACKAGE in facts.get("packages", ())


def judge_port(facts: Mapping[str, Any]) -> Iterator[str]:
    for port in (PORT, TLS_PORT):
        holder = facts.get("listeners", {}).get(str(port))
        if holder and holder["command"] not in (SERVER, ""):
            yield f"Port {port}, which the broker wants, is held by {who(holder)}. Stop it, or take another host."


def lacking(wanted: Wanted, found: Mapping[str, Any], salt: bytes) -> dict[str, list[dict[str, Any]]]:
    """What a broker's definitions, as it exports them, lack of what is wanted; in the form in which it imports them."""
    rows = {
        "vhosts": [{"name": wanted.app}],
        "users": [_user(wanted, salt)],
        "permissions": [_permission(wanted)],
        "policies": [_policy(wanted)],
        "queues": [_dead(wanted)],
    }
    there: dict[str, list[Mapping[str, Any]]] = {kind: list(found.get(kind, ())) for kind in rows}
    there["users"] = [user for user in there["users"] if _knows(user, wanted)]
    return {
        kind: missing
        for kind, wishes in rows.items()
        if (missing := [wish for wish in wishes if not any(_has(row, wish, kind) for row in there[kind])])
    }


def hashed(password: str, salt: bytes) -> str:
    """As RabbitMQ keeps it: https://www.rabbitmq.com/docs/passwords#computing-password-hash"""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _has(row: Mapping[str, Any], wish: Mapping[str, Any], kind: str) -> bool:
    """A user's hash has another salt each time; whether it is the password was seen before."""
    return all(row.get(name) == value for name, value in wish.items() if not (kind == "users" and name != "name"))


def _knows(user: Mapping[str, Any], wanted: Wanted) -> bool:
    kept = str(user.get("password_hash", ""))
    try:
        salt = base64.b64decode(kept)[:SALT_BYTES]
    except ValueError:
        return False
    return user.get("name") == wanted.app and hmac.compare_digest(kept, hashed(wanted.password, salt))


def _user(wanted: Wanted, salt: bytes) -> dict[str, Any]:
    kept = hashed(wanted.password, salt)
    return {"name": wanted.app, "password_hash": kept, "hashing_algorithm": HASHING, "tags": [], "limits": {}}


def _permission(wanted: Wanted) -> dict[str, Any]:
    return {"user": wanted.app, "vhost": wanted.app, "configure": ".*", "write": ".*", "read": ".*"}


def _policy(wanted: Wanted) -> dict[str, Any]:
    """A task that was delivered again and again, or that no worker knows, is kept for somebody to look at.

    Of Celery's other queues, what has expired there is no task.
    """
    definition = {
        "delivery-limit": wanted.delivery_limit,
        "dead-letter-exchange": "",
        "dead-letter-routing-key": wanted.dead,
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",
    }
    pattern = f"^(?!{wanted.dead.replace('.', '[.]')}$|{_CELERYS_OWN})"
    row = {"vhost": wanted.app, "name": POLICY, "pattern": pattern, "apply-to": "queues", "priority": 0}
    return {**row, "definition": definition}


def _dead(wanted: Wanted) -> dict[str, Any]:
    arguments = {"x-queue-type": "quorum"}
    return {"name": wanted.dead, "vhost": wanted.app, "durable": True, "auto_delete": False, "arguments": arguments}
