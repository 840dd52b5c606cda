# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database as it was before a release migrated it, in a file that root alone can read."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.database import VARIABLE
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.services import libpq
from ansible_collections.slipway.flask.plugins.module_utils._host import state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, services
from ansible_collections.slipway.flask.plugins.module_utils._host.command import run

SECONDS = 3600


def make(app: App, wanted: Wanted) -> Path | None:
    """Its path; None when the app has another database than the one that a host of ours offers."""
    environment = state.read(app.layout.activations / wanted.activation / "environment.json") or {}
    url = services(app.layout).get(VARIABLE)
    if not url or environment.get(VARIABLE) != url:
        return None
    folder = Path(app.layout.dumps)
    folder.mkdir(mode=0o700, exist_ok=True)
    path, work = folder / f"{wanted.release}.dump", folder / ".work"
    variables = {"PATH": "/usr/bin:/bin", "HOME": "/root", **libpq(url)}
    result = run(["pg_dump", "--format=custom", f"--file={work}"], timeout=SECONDS, env=variables, cwd="/")
    if not result.ok:
        work.unlink(missing_ok=True)
        raise SlipwayError(
            f"The database could not be dumped before it is migrated: {result.tail(3)}\n"
            "Nothing was migrated. To go without a dump, write app_migrate_dump: false."
        )
    os.chmod(work, 0o600)
    work.rename(path)
    _keep(folder, app.keep)
    return path


def _keep(folder: Path, most: int) -> None:
    """The newest of them."""
    dumps = sorted(folder.glob("*.dump"), key=lambda path: path.stat().st_mtime)
    for path in dumps[:-most]:
        path.unlink()
