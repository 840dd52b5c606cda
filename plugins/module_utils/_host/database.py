# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database of an app that a host of ours holds: how it is, and what it was before releases migrated it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.database import VARIABLE
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.services import libpq
from ansible_collections.slipway.flask.plugins.module_utils._host import state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, services
from ansible_collections.slipway.flask.plugins.module_utils._host.command import Result, run

DUMP_SECONDS, LOOK_SECONDS = 3600, 10
# its size, and the host whose beat has the lock
LOOK = """
select pg_database_size(current_database()) / 1048576, (
  select split_part(application_name, '@', 2) from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and granted and application_name like 'beat@%' limit 1
)
"""
# of the app; where its tasks are sent by the clock, beat has a schema of its own
TABLES = """
select count(*) from pg_class join pg_namespace space on space.oid = relnamespace
where relkind in ('r', 'p') and nspname !~ '^pg_' and nspname not in ('information_schema', 'slipway')
"""


def has_tables(app: App, environment: Mapping[str, str]) -> bool:
    """Whether the database of an environment is one of ours and has any."""
    url = _told(app, environment)
    result = _asked(url, ["psql", "-XAtq", "-c", TABLES], LOOK_SECONDS) if url else None
    if result and not result.ok:
        raise SlipwayError(f"The database cannot be asked whether it has tables already: {result.tail(3)}")
    return result is not None and int(result.stdout) > 0


def dump(app: App, wanted: Wanted) -> Path | None:
    """Its path, a file that root alone can read; None when the app has another database than one of ours."""
    url = _url(app, wanted.activation)
    if not url:
        return None
    folder = Path(app.layout.dumps)
    folder.mkdir(mode=0o700, exist_ok=True)
    path, work = folder / f"{wanted.release}.dump", folder / ".work"
    result = _asked(url, ["pg_dump", "--format=custom", f"--file={work}"], DUMP_SECONDS)
    if not result.ok:
        work.unlink(missing_ok=True)
        raise SlipwayError(
            f"The database could not be dumped before it is migrated: {result.tail(3)}\n"
            "Nothing was migrated. To go without a dump, write app_migrate_dump: false."
        )
    os.chmod(work, 0o600)
    work.rename(path)
    for old in _dumps(app)[: -app.keep]:
        old.unlink()
    return path


def look(app: App, activation: str) -> dict[str, Any] | None:
    """Where it is, whether it answers, how large it is, whom it takes for beat and when it was dumped last.

    None when it is not ours.
    """
    url = _url(app, activation)
    if not url:
        return None
    result, dumps = _asked(url, ["psql", "-XAtq", "-c", LOOK], LOOK_SECONDS), _dumps(app)
    size, _, beat = result.stdout.strip().partition("|")
    return {
        "host": libpq(url)["PGHOST"],
        "size_mb": int(size) if result.ok else None,
        "beat": beat,
        "said": "" if result.ok else next(iter(result.stderr.splitlines()), f"nothing within {LOOK_SECONDS} s"),
        "dumped_before": dumps[-1].stem if dumps else None,
    }


def _url(app: App, activation: str) -> str:
    """The same of an activation."""
    return _told(app, state.read(app.layout.activations / activation / "environment.json") or {})


def _told(app: App, environment: Mapping[str, str]) -> str:
    """The address in an environment, when that is where the host was told; empty otherwise."""
    told = services(app.layout).get(VARIABLE, "")
    return told if environment.get(VARIABLE) == told else ""


def _asked(url: str, argv: list[str], seconds: float) -> Result:
    variables = {"PATH": "/usr/bin:/bin", "HOME": "/root", "PGCONNECT_TIMEOUT": str(LOOK_SECONDS), **libpq(url)}
    return run(argv, timeout=seconds, env=variables, cwd="/")


def _dumps(app: App) -> list[Path]:
    """The oldest first."""
    return sorted(Path(app.layout.dumps).glob("*.dump"), key=lambda path: path.stat().st_mtime)
