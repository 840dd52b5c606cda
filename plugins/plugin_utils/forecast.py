# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask the repository which commits a release adds to the live one."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import forecast, migrations
from ansible_collections.slipway.flask.plugins.module_utils._core.lockfile import pins
from ansible_collections.slipway.flask.plugins.module_utils._host import git

SECONDS = 30


def foretell(gate: dict[str, Any], build: dict[str, Any], live: dict[str, Any], destructive: bool) -> list[str]:
    """A sentence for each commit, each migration and each package that comes, goes or changes."""
    lines: list[str] = []
    if live["commit"] != gate["commit"]:
        lines += forecast.commits(_log(gate["repository"], live["commit"], gate["commit"]), live["commit"])
    lines += _migrations(gate["artifact"]["path"], live["schema"], destructive) if "schema" in live else []
    lock = Path(build["lock"]["path"]).read_text(encoding="utf-8")
    return lines + forecast.packages(live["pins"], pins(lock))


def _migrations(artifact: str, at: list[str] | None, destructive: bool) -> list[str]:
    """What an upgrade of the database would do, as the files of the commit have it."""
    with tarfile.open(artifact) as archive:
        paths = migrations.files(archive.getnames())
        revisions = migrations.read(_text(archive, path) for path in paths)
    return forecast.migrations(revisions, at, destructive) if revisions else []


def _text(archive: tarfile.TarFile, path: str) -> str:
    found = archive.extractfile(path)
    return found.read().decode("utf-8", "replace") if found else ""


def _log(repository: str, live: str, wanted: str) -> list[str] | None:
    """One line a commit, newest first, of what `wanted` has and `live` has not."""
    found = git.run(["-C", repository, "log", "--format=%h %s", f"{live}..{wanted}"], timeout=SECONDS)
    return found.stdout.splitlines() if found.ok else None
