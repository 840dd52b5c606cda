# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders and what lies in them: to walk through, to measure, to move, and to use for a while."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from here import Failed

WORK = ".restore.work"
ROOM_MB = 64  # that must be left


def regular(*folders: Path) -> Iterator[Path]:
    """Every file and folder below, whatever links lead to."""
    for folder in folders:
        for here, inner, files in os.walk(folder):
            if WORK in inner:
                inner.remove(WORK)
            for name in [*inner, *files]:
                with contextlib.suppress(FileNotFoundError):
                    Path(here, name).lstat()
                    yield Path(here, name)


def amount(*folders: Path) -> tuple[int, int]:
    sizes = [path.lstat().st_size for path in regular(*folders) if stat.S_ISREG(path.lstat().st_mode)]
    return len(sizes), sum(sizes)


def within(folder: Path, path: Path | str) -> Path:
    """Where a snapshot puts a path of the host."""
    return folder / str(path).lstrip("/")


def move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        subprocess.run(["cp", "-a", "--", path, target], check=True, capture_output=True)
        subprocess.run(["rm", "-rf", "--", path], check=True, capture_output=True)


@contextlib.contextmanager
def scratch(folder: Path, mode: int = 0o700) -> Iterator[Path]:
    """A folder that is empty, and gone afterwards; what a killed run left goes, too."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=mode)
    folder.chmod(mode)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def has_room(folder: Path, wanted: int, what: str) -> None:
    free, needs = shutil.disk_usage(folder).free >> 20, (wanted >> 20) + ROOM_MB
    if free < needs:
        raise Failed(f"{what} needs {needs} MB, and {folder} has {free} MB free. Make room there.")
