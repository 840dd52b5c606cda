# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of an app on this host: a file that only grows, by one whole line a run, until it is set aside."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import history
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.history import Outcome, Row
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Lock
from ansible_collections.slipway.flask.plugins.module_utils._host import state

LARGEST = 256 * 1024  # bytes; the file before is kept, so at least a few hundred runs can be read


def record(layout: Layout, lock: Lock, outcome: Outcome, reason: str) -> None:
    """Write the line of the run that holds this lock, unless it is there; a run that ships nothing has none."""
    line = history.row(lock, outcome, reason, time.time())
    if lock.work is not None and not history.recorded(read(layout), line):
        _append(layout, history.encode(line))


def read(layout: Layout) -> list[Row]:
    """Every line that is kept, oldest first."""
    return [row for path in (_older(layout), _current(layout)) for row in history.parse(_bytes(path))]


def _append(layout: Layout, line: bytes) -> None:
    path = _current(layout)
    before = _bytes(path)
    if len(before) > LARGEST:
        os.replace(path, _older(layout))
        before = b""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        # what a power cut left of a line does not spoil the next one
        data = line if not before or before.endswith(b"\n") else b"\n" + line
        if os.write(handle, data) != len(data):
            os.ftruncate(handle, len(before))
            raise SlipwayError(f"{path}: no space left for a line of history. Free some space there.")
        os.fsync(handle)
    finally:
        os.close(handle)
    if not before:
        state.sync_folder(path.parent)


def _current(layout: Layout) -> Path:
    return Path(layout.state / "history.jsonl")


def _older(layout: Layout) -> Path:
    return Path(layout.state / "history.jsonl.1")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
