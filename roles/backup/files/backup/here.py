# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The app on this host, as backup.json describes it, and what every room needs."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FILES, DATABASE = "files", "database"
# all that programs find here, whoever started us
PATH = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
# where migration tools note how far they are: rows there are nobody's data
NOTES = ("alembic_version", "django_migrations", "sqlite_sequence")


class Failed(Exception):
    """What a person has to know: what is wrong and what to do next."""


@dataclass(frozen=True)
class Here:
    """An app on this host, as backup.json describes it."""

    app: str
    host: str
    root: Path
    repository: str
    password_file: str
    environment: dict = field(repr=False)
    late_days: int
    sftp: str  # the command that reaches the repository; empty when it is reached otherwise
    files: bool
    database: dict = field(repr=False)
    keep: dict

    @property
    def state(self) -> Path:
        return Path("/var/lib/slipway", self.app)

    @property
    def shared(self) -> Path:
        return self.root / "shared"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def notes(self) -> Path:
        """Where copies of databases lie while they are backed up, which their owners make."""
        return self.root / "backup.work"

    @property
    def parts(self) -> list[str]:
        return [FILES] * self.files + [DATABASE] * bool(self.database)

    @property
    def where(self) -> str:
        """The repository as it may be shown."""
        return "The repository " + re.sub(r"//([^/:@]*):[^@/]+@", r"//\1:***@", self.repository)


def load(app: str) -> Here:
    try:
        row = json.loads(Path(f"/etc/slipway/{app}/backup.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        sys.exit(f"Backups of {app} are not set up here. Write backup_time: daily, and type slipway.flask.setup.")
    return Here(app=app, **row | {"root": Path(row["root"])})


def attempt(act: Callable[[], object]) -> str:
    """Why it failed; empty when it did not."""
    try:
        act()
    except Failed as error:
        return str(error)
    except (OSError, sqlite3.Error, subprocess.SubprocessError, ValueError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def last(errors: str, lines: int = 3) -> str:
    return " ".join([line.strip() for line in errors.splitlines() if line.strip()][-lines:])[:600]


def document(path: Path) -> dict:
    """The JSON of a file; nothing where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def commit_of(here: Here) -> str:
    """The commit that is live."""
    return document(here.root / "current/release/release.json").get("commit", "")
