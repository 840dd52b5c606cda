# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the servers of an app are sized and where they listen: `web_*` and the variables of each stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import Check, between, matching, whole
from ansible_collections.slipway.flask.plugins.module_utils._core.inventory import STACKS
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import SERVES
from ansible_collections.slipway.flask.plugins.module_utils._core.settled import settled
from ansible_collections.slipway.flask.plugins.module_utils._core.sizing import MOST_SLOTS, Size, size
from ansible_collections.slipway.flask.plugins.module_utils._core.tls import OFF, Tls

_MOVE = "Move the hosts to a stack with a front server, such as nginx_uwsgi."


@dataclass(frozen=True)
class Servers:
    """Where the servers of each stack listen for visitors (0 behind a front server), and how many they are."""

    ports: Mapping[str, int]
    said: Size  # what of it is left to the host
    handlers: str

    def processes(self, app: str, stack: str, facts: Mapping[str, Any]) -> int:
        """How many serve the app on a host."""
        found = size(facts, app, bool(STACKS[stack].front), self.said)
        return found.slots * found.processes


def settle(raw: Mapping[str, object]) -> Servers:
    """What these variables state. Raises DescriptionError with all that is wrong."""
    given: Mapping[str, Any] = settled(RULES, raw)
    ports = {name: int(given[stack.port]) if stack.port else 0 for name, stack in STACKS.items()}
    said = Size(int(given["web_slots"]), int(given["uwsgi_processes"]))
    return Servers(ports, said, given["tornado_handlers"])


def judge_stacks(app: App, tls: Tls, stacks: Sequence[str]) -> list[str]:
    """What an app wants that only a front server has."""
    found = []
    for name in (name for name in stacks if name in STACKS and STACKS[name].port):
        if SERVES in app.programs:
            found.append(f"app_programs.{SERVES} serves by itself, and {name} puts nothing in front of it. {_MOVE}")
        if tls.method != OFF:
            found.append(f"site_tls is {tls.method}, and {name} speaks HTTP only. {_MOVE} Or remove site_tls.")
    return found


_PORT = between(1, 65535, "the highest port is 65535")
_HANDLERS = matching(r"[\w.]+:[\w.]+|", "module:attribute, such as shop.live:handlers")

RULES: Mapping[str, Check] = {
    "web_slots": between(0, MOST_SLOTS, f"{MOST_SLOTS} are the most. Give each slot more processes or threads"),
    "web_request_seconds": whole(1),
    "web_body_mb": whole(1),
    "web_connections": whole(1),
    "uwsgi_processes": whole(0),
    "uwsgi_threads": whole(1),
    "uwsgi_max_requests": whole(1),
    "uwsgi_memory_mb": whole(0),
    "gevent_port": _PORT,
    "tornado_port": _PORT,
    "tornado_threads": whole(1),
    "tornado_handlers": lambda label, value: iter(()) if value == "" else _HANDLERS(label, value),
}
