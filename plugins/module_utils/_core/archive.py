# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an archive may hold before root unpacks it, judged from the member list alone: nothing is written first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal["file", "folder", "link", "other"]


@dataclass(frozen=True)
class Member:
    """One entry of an archive; `target` is what a symbolic link points to."""

    name: str
    kind: Kind
    target: str = ""


def judge(members: Iterable[Member]) -> list[str]:
    """Every reason to refuse the archive; empty when it may be unpacked.

    Allowed are files, folders and symbolic links that stay inside. Hard links, devices and pipes
    are refused whatever they point to: no build of an artifact makes them.
    """
    problems: list[str] = []
    placed: dict[PurePosixPath, Kind] = {}
    for member in members:
        path = PurePosixPath(member.name)
        reason = _shape(member, path) or _clash(member, path, placed)
        if reason:
            problems.append(f"{member.name!r} {reason}")
            continue
        for parent in path.parents:
            placed.setdefault(parent, "folder")
        placed[path] = member.kind
    return problems


def _shape(member: Member, path: PurePosixPath) -> str:
    """What is wrong with a member taken by itself."""
    if not member.name or "\0" in member.name or (not path.parts and member.kind != "folder"):
        return "has no usable name"
    if path.is_absolute():
        return "is an absolute path"
    if ".." in path.parts:
        return "climbs out with '..'"
    if member.kind == "other":
        return "is neither a file, a folder nor a symbolic link"
    if member.kind == "link" and not stays_inside(path, member.target):
        return f"links to {member.target!r}, which may lead outside of the archive"
    return ""


def _clash(member: Member, path: PurePosixPath, placed: dict[PurePosixPath, Kind]) -> str:
    """What is wrong with a member beside those before it."""
    if any(placed.get(parent, "folder") != "folder" for parent in path.parents):
        return "would be written through a link or a file of the same archive"
    if path in placed and (member.kind, placed[path]) != ("folder", "folder"):
        return "is there twice"
    return ""


def stays_inside(link: PurePosixPath, target: str) -> bool:
    """Whether a link at `link` (relative to the root) can only lead inside the root.

    '..' is taken only at the front: behind another name it could pass through a second link and
    climb from wherever that one leads.
    """
    pointed = PurePosixPath(target)
    if not target or pointed.is_absolute() or "\0" in target:
        return False
    climbs = 0
    for part in pointed.parts:
        if part != "..":
            break
        climbs += 1
    return ".." not in pointed.parts[climbs:] and climbs <= len(link.parts) - 1
