# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host without Python: what its shell tells of it, and whether it may be given more than Python at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import broker, database, debian, proc, site
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.ports import COUNT
from ansible_collections.slipway.flask.plugins.module_utils._core.preflight import RELEASES, Facts, Wish

# Who listens there, and what packages begin with these names, may be in the way of an app or of what stands behind it.
PORTS = frozenset([*map(int, site.PORTS), database.PORT, broker.PORT, broker.TLS_PORT])
NAMES = (*(server.command for server in FRONTS.values()), debian.SUPERVISOR, database.PACKAGE, broker.PACKAGE)


def facts(said: str) -> Facts:
    """From the lines of roles/base/files/bare-facts.sh; whatever else stands among them is of nobody."""
    told: dict[str, str] = {}
    for line in said.splitlines():
        word, _, rest = line.partition(": ")
        told[word] = f"{told.get(word, '')}{rest}\n"
    system = proc.os_release(told.get("os-release", ""))
    release = system.get("VERSION_ID", "")
    return {
        "bare": True,
        "distribution": system.get("ID", ""),
        "release": release,
        "python": RELEASES.get(release),
        **_resources(told),
        "ports": sorted({one.port for table in ("tcp", "tcp6") for one in proc.listeners(told.get(table, ""))}),
        "packages": [name for state, name in _pairs(told.get("package", "")) if state == "installed"],
    }


def is_untouched(wish: Wish, facts: Facts) -> bool:
    """Whether nobody is there yet whom a look with Python could find in the way. Otherwise Python comes alone."""
    own = range(wish.app_port, wish.app_port + COUNT) if wish.app_port else ()
    taken = {*PORTS, wish.server_port, *own} & set(facts.get("ports", ()))
    packages = facts.get("packages", ())
    return bool(facts.get("bare") and packages) and not taken and not any(name.startswith(NAMES) for name in packages)


def _resources(told: Mapping[str, str]) -> dict[str, Any]:
    memory = proc.meminfo_mb(told.get("meminfo", ""))
    free = {mount: int(size) // 1024 for size, mount in _pairs(told.get("free", "")) if size.isdigit()}
    names = {"memory_mb": "MemTotal", "memory_available_mb": "MemAvailable"}
    found = {name: memory[of] for name, of in names.items() if of in memory}
    return {"cores": int(told.get("cores", "0")), **found, "disk_free_mb": free}


def _pairs(text: str) -> list[tuple[str, str]]:
    rows = (line.split() for line in text.splitlines())
    return [(row[0], row[1]) for row in rows if len(row) == 2]
