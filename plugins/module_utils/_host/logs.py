# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logs of an app on this host: of its programs, of its supervisord and of the front server."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import fronts, logs
from ansible_collections.slipway.flask.plugins.module_utils._core.logs import Line
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App

KEPT_BYTES = 4 * 1024 * 1024
PAUSE_SECONDS = 0.2
# one of so many lines before the first that is shown says when that was written
MARGIN = 1000
# a file's time of change may be some milliseconds behind the clock
SLACK_SECONDS = 1.0

Place = tuple[int, int]
"""An inode, and how many of its bytes have been read."""


@dataclass(frozen=True)
class Found:
    """The lines, where the next look goes on, and whether there are older lines that were wanted."""

    lines: list[Line]
    places: dict[str, Place]
    cut: bool


@dataclass(frozen=True)
class _Piece:
    """Whole lines of one log. `cut`: there is more before them."""

    texts: list[str]
    place: Place
    cut: bool
    changed: float


def sources(app: App) -> dict[str, Path]:
    """Every log of the app by the name it is shown under: the file's, without what all of them share."""
    found = {path.stem: path for path in sorted(Path(app.layout.log).glob("*.log"))}
    front = fronts.of_unit(app.front.unit)
    kinds = ("access", "error") if front else ()
    return found | {kind: Path(fronts.FRONTS[front].logs, f"{app.layout.name}.{kind}.log") for kind in kinds}


def look(app: App, most: int, since: float = 0.0, grep: str = "", after: Mapping[str, Place] = {}) -> Found:
    """The last lines that are wanted; with `after`, of those that came since."""
    rows, places, cut = [], dict(after), False
    for source, path in sources(app).items():
        with suppress(FileNotFoundError):
            piece = _read(path, after.get(source)) if after else _end(path)
            needed = piece.texts if since or grep else piece.texts[-most - MARGIN :]
            lines = logs.stamped(source, needed, datetime.astimezone, piece.changed + SLACK_SECONDS)
            rows.append(logs.wanted(lines, since, grep))
            places[source] = piece.place
            cut |= piece.cut and len(lines) == len(rows[-1])
    lines, more = logs.merged(rows, most)
    return Found(lines, places, more or cut)


def wait(app: App, most: int, grep: str, after: Mapping[str, Place], seconds: float) -> Found:
    """The next lines, as soon as there are any; none when none came within that time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look(app, most, 0.0, grep, after)
        if found.lines or time.monotonic() > deadline:
            return found
        after = found.places
        time.sleep(PAUSE_SECONDS)


def _end(path: Path) -> _Piece:
    """The end of a log, which may begin in the file that was rotated away last."""
    now = _read(path, None)
    if now.cut:
        return now
    with suppress(FileNotFoundError):
        before = _read(Path(f"{path}.1"), None)
        return _Piece(before.texts + now.texts, now.place, before.cut, now.changed)
    return now


def _read(path: Path, place: Place | None) -> _Piece:
    """From a place on; from the beginning of a file that is another one than that of the place or has become shorter,
    after the rest of the other one. Never more than KEPT_BYTES. A line that is not finished waits for the next look."""
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        inode, offset = place or (status.st_ino, 0)
        start = offset if inode == status.st_ino and offset <= status.st_size else 0
        cut = status.st_size - start > KEPT_BYTES
        stream.seek(status.st_size - KEPT_BYTES if cut else start)
        data = stream.read(KEPT_BYTES)
        end = stream.tell()
    kept = data[: data.rfind(b"\n") + 1]
    texts = kept.decode("utf-8", "replace").split("\n")[1 if cut else 0 : -1]
    rest = _rest(Path(f"{path}.1"), (inode, offset)) if inode != status.st_ino else []
    return _Piece(rest + texts, (status.st_ino, end - len(data) + len(kept)), cut, status.st_mtime)


def _rest(path: Path, place: Place) -> list[str]:
    """What was written into a file after it was read last and before it was rotated away."""
    with suppress(FileNotFoundError):
        if path.stat().st_ino == place[0]:
            return _read(path, place).texts
    return []
