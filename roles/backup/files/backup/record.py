# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of an act: a row, which is printed, and written down when something was done."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

from here import Failed, Here, attempt

KEPT_BYTES = 256 * 1024
BUSY = "A backup, a drill or a restore of {app} is at work on this host. Wait for its end."


def answered(act: Callable[[dict], object]) -> dict:
    """The row of somebody who only looks."""
    row: dict = {}
    said = attempt(lambda: act(row))
    return row | {"ok": not said, "said": said}


def recorded(here: Here, kind: str, act: Callable[[dict], object]) -> dict:
    """Do it while nobody else does, and write down how it went."""
    signal.signal(signal.SIGTERM, interrupted)
    begun = time.monotonic()
    here.state.mkdir(parents=True, exist_ok=True)
    with open(here.state / "backup.lock", "a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return {"ok": False, "said": BUSY.format(app=here.app)}
        row: dict = {"kind": kind, "at": now(), "run": os.environ.get("INVOCATION_ID", "")}
        said = attempt(lambda: act(row))
        row |= {"ok": not said, "said": said, "seconds": round(time.monotonic() - begun, 1)}
        write_down(here, row)
    return row


def busy(here: Here) -> list[str]:
    """Whether somebody does at this moment, in a sentence."""
    with contextlib.suppress(FileNotFoundError), open(here.state / "backup.lock", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return [BUSY.format(app=here.app)]
    return []


def interrupted(*_: object) -> NoReturn:
    raise Failed("It was told to end before it was done.")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_down(here: Here, row: dict) -> None:
    path = here.state / "backups.jsonl"
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > KEPT_BYTES:
            path.replace(f"{path}.1")
    record = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.write(record, json.dumps(row, ensure_ascii=False).encode() + b"\n")
    os.fsync(record)
    os.close(record)
