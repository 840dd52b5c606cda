# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks, each made once: the name of its file holds the digest of what it was made from and its own.

So a lock never moves by itself, and one that was damaged or edited in the cache is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import lockfile
from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import Entry
from ansible_collections.slipway.flask.plugins.module_utils._core.interpreters import Interpreter
from ansible_collections.slipway.flask.plugins.module_utils._host import export, gatecache
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Repository
from ansible_collections.slipway.flask.plugins.module_utils._host.uv import Uv

FORMAT = "1"
TEST_INPUT = ".slipway-tests.in"


@dataclass
class Project:
    """The tree as the locks see it: read from git, and written out only when uv has to work in it."""

    repository: Repository
    entries: Sequence[Entry]
    work: Path
    written: bool = False

    @property
    def blobs(self) -> dict[str, str]:
        return {entry.path: entry.blob for entry in self.entries if not entry.link}

    def read(self, path: str) -> str:
        return next(self.repository.contents([self.blobs[path]])).decode("utf-8", "replace")

    def folder(self) -> Path:
        """A copy for uv: building metadata may write into it."""
        folder = self.work / "project"
        if not self.written:
            folder.mkdir()
            export.write_files(self.repository, self.entries, folder)
            self.written = True
        return folder


@dataclass(frozen=True)
class Locksmith:
    """Makes the locks of one project for one Python."""

    project: Project
    folder: Path
    uv: Callable[[], Uv]
    minor: str
    interpreter: Interpreter

    def lock(self, needs: lockfile.Needs) -> tuple[Path, bool]:
        """The lock of the application, and whether it had to be made."""
        files = lockfile.inputs(needs, self.project.blobs, self.project.read)
        made_from = [
            "app",
            needs.file,
            needs.extras,
            needs.packages,
            [(path, self.project.blobs[path]) for path in files],
        ]
        return self._kept(
            made_from,
            lambda: self.uv().lock(self.project.folder(), needs, self.minor, self.interpreter, self.project.work),
        )

    def test_lock(self, lock: Path, requirements: Sequence[str]) -> tuple[Path, bool]:
        """What the tests need besides, in versions that fit the application's lock."""
        included = [path for path in lockfile.includes("\n".join(requirements)) if path in self.project.blobs]
        files = {path: self.project.blobs[path] for name in included for path in self._with_includes(name)}
        return self._kept(
            ["tests", export.digest(lock), list(requirements), sorted(files.items())],
            lambda: self._compile(lock, requirements),
        )

    def _with_includes(self, name: str) -> list[str]:
        return lockfile.inputs(lockfile.Needs(name), self.project.blobs, self.project.read)

    def _compile(self, lock: Path, requirements: Sequence[str]) -> str:
        if not requirements:
            return ""
        (self.project.folder() / TEST_INPUT).write_text("\n".join(requirements) + "\n", encoding="utf-8")
        sources, constraint = [TEST_INPUT], ["--constraint", str(lock)]
        return self.uv().compile(self.project.folder(), sources, constraint, self.minor, self.interpreter)

    def _kept(self, made_from: Sequence[object], make: Callable[[], str]) -> tuple[Path, bool]:
        key = hashlib.sha256(json.dumps([FORMAT, self.minor, *made_from]).encode()).hexdigest()[:24]
        for path in self.folder.glob(f"{key}-*.txt"):
            if path.name == f"{key}-{export.digest(path)[:16]}.txt":
                return path, False
        text = make().encode()
        path = self.folder / f"{key}-{hashlib.sha256(text).hexdigest()[:16]}.txt"
        gatecache.write(path, text)
        return path, True
