# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stood on this host before a set of files was placed, kept until the set has proved itself.

A run may be killed at any instant. It writes its journal before it touches anything and removes it
after the last step, so a journal that nobody holds the lock of is the mark of a killed run, and
holds all that is needed to put everything back.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import Directory, File, Link, Other, Wished
from ansible_collections.slipway.flask.plugins.module_utils._core.file_set import Step
from ansible_collections.slipway.flask.plugins.module_utils._host.files import remove, sync_folders

Command = tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """What was there, and the commands that make running processes take it again."""

    before: Mapping[str, Wished]
    afterwards: Sequence[Command] = ()


@dataclass(frozen=True)
class Journal:
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "journal.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One set at a time on a host. The kernel lets go of it when we die."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.folder / "lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self) -> Record | None:
        try:
            raw = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        before = {path: _load(entry) for path, entry in raw["before"].items()}
        return Record(before, [tuple(argv) for argv in raw["afterwards"]])

    def write(self, record: Record) -> None:
        before = {path: _dump(entry) for path, entry in record.before.items()}
        text = json.dumps({"before": before, "afterwards": list(record.afterwards)})
        fresh = self.path.with_suffix(".new")
        with open(fresh, "w", encoding="ascii", opener=_private) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.path)
        sync_folders([str(self.path)])

    def close(self) -> None:
        remove(str(self.path))
        sync_folders([str(self.path)])


def record_of(steps: Sequence[Step]) -> Record:
    return Record({step.path: step.before for step in steps if not isinstance(step.before, Other)})


def _private(path: str, flags: int) -> int:
    """Old contents may be secret."""
    return os.open(path, flags, 0o600)


def _dump(entry: Wished) -> dict[str, Any] | None:
    if entry is None:
        return None
    fields = {"kind": entry.kind, **vars(entry)}
    if isinstance(entry, File):
        fields["content"] = base64.b64encode(entry.content).decode()
    return fields


def _load(raw: dict[str, Any] | None) -> Wished:
    if raw is None:
        return None
    kind = raw.pop("kind")
    if kind == File.kind:
        return File(**{**raw, "content": base64.b64decode(raw["content"])})
    return Directory(**raw) if kind == Directory.kind else Link(**raw)
