# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where everything of an app lives on a host. The one home of these paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath as Path


@dataclass(frozen=True)
class Layout:
    """The folders of the app `name` under `root` (app_root)."""

    name: str
    root: Path

    @classmethod
    def of(cls, name: str, root: str | None = None) -> Layout:
        return cls(name, Path(root or f"/srv/{name}"))

    @property
    def config(self) -> Path:
        return Path("/etc/slipway") / self.name

    @property
    def services(self) -> Path:
        """What the app was told of its services, a file for each of them; root's alone."""
        return self.config / "services"

    @property
    def state(self) -> Path:
        """What only root reads and writes: lock, ledger, markers."""
        return Path("/var/lib/slipway") / self.name

    @property
    def dumps(self) -> Path:
        """What the database was before releases migrated it."""
        return self.state / "dumps"

    @property
    def run(self) -> Path:
        return Path("/run/slipway") / self.name

    @property
    def stand_in(self) -> Path:
        """What the holder is to load; a deploy keeps it locked until that may serve (launch.py, stand_in.py)."""
        return self.run / "stand-in"

    @property
    def log(self) -> Path:
        return Path("/var/log/slipway") / self.name

    @property
    def closed(self) -> Path:
        """The page of a site in maintenance: while it is there, visitors get it and not the app."""
        return self.config / "maintenance.html"

    @property
    def runs(self) -> Path:
        """Who ran which command in the live release: one JSON object a line, only ever added to."""
        return self.state / "runs.jsonl"

    @property
    def backups(self) -> Path:
        """What was backed up, tried and restored: one JSON object a line."""
        return self.state / "backups.jsonl"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def venvs(self) -> Path:
        return self.root / "venvs"

    @property
    def activations(self) -> Path:
        return self.root / "activations"

    @property
    def shared(self) -> Path:
        return self.root / "shared"

    @property
    def current(self) -> Path:
        """The link that decides what the site serves."""
        return self.root / "current"

    @property
    def candidate(self) -> Path:
        """The link that decides what the trial program starts."""
        return self.root / "candidate"

    def slot_socket(self, program: str, slot: str) -> Path:
        return self.run / "slots" / f"{program}-{slot}.sock"


# what a slot has for its number that holds the socket open, and stands in for others while they restart
HOLDER = "0"
LAUNCHER = "/usr/local/lib/slipway/launch.py"
RUNNER = "/usr/local/lib/slipway/run.py"
LOCK_HOLDER = "/usr/local/lib/slipway/lock.py"
# the folder of slipway_pool.py, which a Celery worker includes
POOL = "/usr/local/lib/slipway/worker"
BACKUP = "/usr/local/lib/slipway/backup"
STEP_CACHE = "/usr/local/lib/slipway/python"
HOST_FILE = "/etc/slipway/host.json"
