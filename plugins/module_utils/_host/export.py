# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a tree of git down: as files to test in, and as the archive that hosts install."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import gitsource
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Repository

# The same tree gives the same bytes: nothing of the time, the user or the machine goes in.
MTIME = 315532800  # 1980-01-01, the earliest that every archive format can say
LEVEL = 6


def check(repository: Repository, entries: Sequence[gitsource.Entry], where: str) -> None:
    """Refuse a tree that would not arrive whole; `where` names it in the message."""
    files = [entry for entry in entries if not entry.submodule]
    links: dict[str, str] = {}
    pointers: list[str] = []
    for entry, content in zip(files, repository.contents([entry.blob for entry in files]), strict=True):
        if entry.link:
            links[entry.path] = os.fsdecode(content)
        elif len(content) <= gitsource.LONGEST_LFS_POINTER and content.startswith(gitsource.LFS_POINTER):
            pointers.append(entry.path)
    found = gitsource.problems(entries, links, pointers)
    if not entries:
        found = ["it has no file"]
    if found:
        raise SlipwayError(f"{where} cannot be shipped:\n  " + "\n  ".join(found))


def write_archive(repository: Repository, entries: Sequence[gitsource.Entry], target: Path) -> str:
    """Write the tree as a reproducible .tar.gz in one rename; return its SHA-256."""
    ordered = sorted(entries, key=lambda entry: os.fsencode(entry.path))
    contents = repository.contents([entry.blob for entry in ordered])
    fresh = target.with_name(f".{target.name}.new")
    with (
        fresh.open("wb") as raw,
        gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for entry, content in zip(ordered, contents, strict=True):
            archive.addfile(_member(entry, content), None if entry.link else BytesIO(content))
    fresh.rename(target)
    return digest(target)


def write_files(repository: Repository, entries: Sequence[gitsource.Entry], folder: Path) -> None:
    """Write the tree as files into an empty folder."""
    contents = repository.contents([entry.blob for entry in entries])
    for entry, content in zip(entries, contents, strict=True):
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.link:
            path.symlink_to(os.fsdecode(content))
        else:
            path.write_bytes(content)
            path.chmod(0o755 if entry.executable else 0o644)


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _member(entry: gitsource.Entry, content: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(entry.path)
    member.mtime = MTIME
    member.mode = 0o755 if entry.executable or entry.link else 0o644
    if entry.link:
        member.type, member.linkname = tarfile.SYMTYPE, os.fsdecode(content)
    else:
        member.size = len(content)
    return member
