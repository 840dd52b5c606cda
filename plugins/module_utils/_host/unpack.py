# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unpack an archive as root, so that nothing in it can reach outside of its folder."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zlib
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.archive import Kind, Member, judge
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

SHOWN = 5


def unpack(archive: Path, folder: Path) -> None:
    """Unpack `archive` into the new folder `folder`: judged whole first, then written by ourselves.

    tarfile's own extraction filter is not in every Python of Debian 12, so it is not relied on.
    Owners are root's, modes are 0755 or 0644: set-user-id and write bits of an archive mean nothing here.
    """
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            problems = judge(Member(m.name, _kind(m), m.linkname if m.issym() else "") for m in members)
            if problems:
                more = f" (and {len(problems) - SHOWN} more)" if len(problems) > SHOWN else ""
                raise SlipwayError(f"The artifact is refused: {'; '.join(problems[:SHOWN])}{more}.")
            folder.mkdir(mode=0o755)
            for member in members:
                _write(tar, member, folder / member.name)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise SlipwayError(f"The artifact {archive.name} cannot be unpacked: {error}.") from error


def _kind(member: tarfile.TarInfo) -> Kind:
    if member.isreg():
        return "file"
    if member.isdir():
        return "folder"
    return "link" if member.issym() else "other"


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if member.isdir():
        path.mkdir(mode=0o755, exist_ok=True)
    elif member.issym():
        path.symlink_to(member.linkname)
    else:
        source = tar.extractfile(member)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "wb") as target:
            if source is not None:
                shutil.copyfileobj(source, target)
            os.fchmod(target.fileno(), 0o755 if member.mode & 0o100 else 0o644)


def sync_tree(folder: Path) -> None:
    """Everything below `folder` is on disk before a rename makes it visible."""
    for parent, _folders, files in os.walk(folder):
        for name in ("", *files):
            path = os.path.join(parent, name)
            kind = os.lstat(path).st_mode
            # a build may leave sockets and pipes: opening those fails, or waits for ever
            if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
                _fsync(path)


def _fsync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
