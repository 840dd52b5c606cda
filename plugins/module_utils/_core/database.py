# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database of an app: what the variables `postgresql_*` may say, and what speaks against having it on a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import Check, flag, free_text, matching, whole
from ansible_collections.slipway.flask.plugins.module_utils._core.ports import who

GROUP = "databases"
PORT, SERVER, PACKAGE = 5432, "postgres", "postgresql-"
# the variable by which an app finds it
VARIABLE = "DATABASE_URL"

_NAME = matching(r"[a-z_][a-z0-9_]{0,62}", "a name of a-z, 0-9 and _, such as my_blog")

RULES: Mapping[str, Check] = {
    "postgresql_database": optional(_NAME),
    "postgresql_user": optional(_NAME),
    "postgresql_password": free_text,
    "postgresql_address": optional(matching(r"[0-9A-Za-z.:-]+", "a name or an address, such as 10.0.0.7")),
    "postgresql_memory_mb": whole(0),
    "postgresql_connections": whole(10),
    "postgresql_adopt": flag,
}


def is_postgresql(app: App, groups: Mapping[str, Sequence[str]]) -> bool:
    """Whether the app's database is one that can say whose turn it is."""
    said = {**app.environment, **app.secrets}.get(VARIABLE)
    return str(said).startswith("postgres") if said is not None else bool(groups.get(GROUP))


def is_there(facts: Mapping[str, Any]) -> bool:
    """Whether a server is installed."""
    return any(name.startswith(PACKAGE) for name in facts.get("packages", ()))


def judge_port(facts: Mapping[str, Any]) -> Iterator[str]:
    """Debian gives a new server the next port where another program has its own, and nobody would find it there."""
    holder = facts.get("listeners", {}).get(str(PORT))
    if holder and holder["command"] not in (SERVER, ""):
        yield f"Port {PORT}, which the database wants, is held by {who(holder)}. Stop it, or take another host."


def judge_move(here: Mapping[str, Any], host: str, adopt: bool) -> Iterator[str]:
    """An app that is live with data elsewhere, which nobody would carry along."""
    if host and here.get("current") and VARIABLE not in here.get("services", ()) and not adopt:
        yield (
            f"The app is live there with another database, and its data does not move to {host} by itself. Write"
            f" {VARIABLE} into app_secrets to keep that one, or postgresql_adopt: true to begin with an empty one."
        )
