# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the program that backs up an app is told: /etc/slipway/APP/backup.json, which here.py of the role reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.backup import OWN, SFTP, late_days
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.services import libpq


def config(wish: Mapping[str, Any]) -> dict[str, Any]:
    """What the program on the host reads; it holds secrets."""
    app, etc = wish["name"], Layout.of(wish["name"]).config
    own = f"{OWN}/{app}"
    return {
        "host": wish["host"],
        "root": wish["root"],
        "repository": wish["repository"] or own,
        "password_file": str(etc / "backup.password") if wish["repository"] else f"{own}.password",
        "environment": {name: str(value) for name, value in wish["environment"].items()},
        "sftp": " ".join(_ssh(wish, str(etc))),
        "files": wish["files"],
        "database": _database(wish["database"] or {}),
        "keep": {name: int(count) for name, count in wish["keep"].items() if count},
        "late_days": late_days(wish["time"]),
    }


def _ssh(wish: Mapping[str, Any], etc: str) -> Iterator[str]:
    """The command by which restic reaches a target. It asks nobody, and does not wait for one that is away."""
    found = SFTP.fullmatch(wish["repository"])
    if not found:
        return
    yield from ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=60")
    yield from ("-i", f"{etc}/backup.key", "-o", "IdentitiesOnly=yes") if wish["key"] else ()
    yield from ("-o", f"UserKnownHostsFile={etc}/backup.known_hosts") if wish["known_hosts"] else ()
    yield from ("-p", found["port"]) if found["port"] else ()
    yield from (found["at"] or found["login"], "-s", "sftp")


def _database(of: Mapping[str, Any]) -> dict[str, Any]:
    """How it is asked: one on this host by its superuser, one elsewhere as its address says."""
    if of.get("name"):
        return {"user": "postgres", "owner": of["owner"], "environment": {"PGDATABASE": of["name"]}}
    if str(of.get("url") or "").startswith("postgres"):
        return {"user": "", "owner": "", "environment": libpq(of["url"])}
    return {}
