# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate's folder: mirrors, locks, environments, artifacts and records of one application.

Everything in it can be made again. What has to be whole is written under another name and renamed, or
(virtual environments, which know their own path) counts only once its marker is there.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

KEPT = 8
_MARKER = ".complete"


def default_root() -> Path:
    """Where the cache is: root's home is closed to the user that root's tests run as, so root has it elsewhere."""
    if named := os.environ.get("SLIPWAY_GATE_CACHE"):
        return Path(named)
    if os.getuid() == 0:
        return Path("/var/cache/slipway")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slipway"


class GateCache:
    """The folders of one application. Private ones are closed; `work` and `venvs` can be reached by the tests."""

    def __init__(self, root: Path, app_name: str) -> None:
        self.root = root
        self.tools = root / ".tools"  # no app is called so
        self.app = root / app_name
        self.mirrors = self.app / "git"
        self.locks = self.app / "locks"
        self.artifacts = self.app / "artifacts"
        self.records = self.app / "records"
        self.venvs = self.app / "venvs"
        self.work = self.app / "work"
        self._pythons = self.app / "pythons.json"

    @contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Make the folders and be the only gate of this application, waiting for another one at most so long."""
        self.root.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in (self.app, self.venvs):
            _folder(folder, 0o711)
        for folder in (self.mirrors, self.locks, self.artifacts, self.records):
            _folder(folder, 0o700)
        with (self.app / "lock").open("a") as stream:
            deadline = time.monotonic() + patience
            while not _try_lock(stream.fileno()):
                if time.monotonic() > deadline:
                    raise SlipwayError(
                        f"Another gate run of this application has held {stream.name} for {patience:.0f} s."
                    )
                time.sleep(0.2)
            try:
                yield
            finally:
                self.clear_work()

    def fresh_work(self) -> Path:
        """An empty folder; what a killed run has left in it is gone."""
        self.clear_work()
        self.work.mkdir(mode=0o711)
        self.work.chmod(0o711)
        return self.work

    def clear_work(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)

    def venv(self, key: str, make: Callable[[Path], None]) -> Path:
        """The environment of that key, made unless it is there and whole."""
        folder = self.venvs / key
        if not (folder / _MARKER).exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            (folder / _MARKER).touch()
        os.utime(folder)
        return folder

    def last_pythons(self) -> list[str]:
        """Those that were last remembered; none where nothing is."""
        found: list[str] = read_json(self._pythons).get("pythons", [])
        return found

    def remember_pythons(self, minors: Sequence[str]) -> None:
        if self.last_pythons() != list(minors):
            write_json(self._pythons, {"pythons": list(minors)})

    def prune(self) -> None:
        """Keep what was used last: environments are large."""
        for folder in (self.venvs, self.artifacts, self.records):
            paths = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in paths[KEPT:]:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def write(path: Path, data: bytes) -> None:
    """Write a file in one step: whole, or as it was."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.rename(path)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    write(path, (json.dumps(content, sort_keys=True, indent=1) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The content; empty when the file is absent or no JSON object, which only means: not in the cache."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _folder(path: Path, mode: int) -> None:
    path.mkdir(exist_ok=True)
    if path.stat().st_mode & 0o777 != mode:
        path.chmod(mode)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
