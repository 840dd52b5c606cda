# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The small JSON files of an app on a host, replaced as a whole and never half written."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.ledger import Ledger
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Lock
from ansible_collections.slipway.flask.plugins.module_utils._host import command

BUSY_SECONDS = 300


def write(path: PurePath, content: str | bytes, mode: int = 0o600, group: int = -1) -> None:
    """Replace a file in one step: whoever reads it sees the old content or the new, whatever happens.

    Without a `group` it is ours.
    """
    temporary = Path(f"{path}.{secrets.token_hex(4)}.new")
    data = content.encode() if isinstance(content, str) else content
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            os.fchown(stream.fileno(), -1, group)
            os.fchmod(stream.fileno(), mode)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(Path(path).parent)


def link(path: PurePath, target: PurePath) -> None:
    """Point the link `path` at `target` with one rename, so that it never points nowhere."""
    temporary = Path(f"{path}.{secrets.token_hex(4)}.new")
    os.symlink(target, temporary)
    try:
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink()
        raise
    sync_folder(Path(path).parent)


def sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: PurePath) -> Any:
    """The JSON of a file; None when there is no such file."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise SlipwayError(f"{path} is damaged: {error}. Restore it from a backup, or move it away.") from error


def dumps(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def ledger(layout: Layout) -> Ledger:
    return Ledger.read(read(layout.state / "ledger.json") or [])


def write_ledger(layout: Layout, value: Ledger) -> None:
    write(layout.state / "ledger.json", dumps(value.rows()))


def lock(layout: Layout) -> Lock | None:
    row = read(layout.state / "lock.json")
    return Lock.read(row) if row else None


def linked(path: PurePath) -> str | None:
    """The last part of what a link points to: the name of the activation."""
    try:
        return os.path.basename(os.readlink(path))
    except OSError:
        return None


def busy(layout: Layout) -> bool:
    """Whether a module call is at work on the app at this moment."""
    with open(layout.state / "busy", "a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def exclusive(layout: Layout, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """One module call at a time for an app: a call that outlived its killed controller ends first.

    The kernel drops this lock with the process, so it is never stale; a command that outlives its killed
    module call keeps it, so that nobody migrates a database beside it. `waiting` may refuse to wait.
    """
    with open(layout.state / "busy", "a", encoding="utf-8") as handle:
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                if time.monotonic() > deadline:
                    raise SlipwayError(
                        f"An earlier step of {layout.name} is still at work on this host after {BUSY_SECONDS} s."
                        f" See it with: fuser -v {layout.state}/busy"
                    ) from None
                time.sleep(0.05)
        try:
            with command.inherited(handle.fileno()):
                yield
        finally:
            # for a process that a command left behind, too
            fcntl.flock(handle, fcntl.LOCK_UN)
