# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can stand at a path, and how it is shown to a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class File:
    content: bytes = field(repr=False)
    owner: str
    group: str
    mode: int
    secret: bool = field(default=False, compare=False)

    kind = "file"

    @property
    def shown(self) -> str:
        """The content, or only its digest where not everybody on the host may read it."""
        if not self.secret and self.mode & 0o004:
            try:
                return self.content.decode()
            except UnicodeDecodeError:
                pass
        return f"(content not shown, sha256 {hashlib.sha256(self.content).hexdigest()[:16]})\n"


@dataclass(frozen=True)
class Directory:
    owner: str
    group: str
    mode: int

    kind = "directory"


@dataclass(frozen=True)
class Link:
    target: str

    kind = "link"


@dataclass(frozen=True)
class Other:
    """A socket, a device, a pipe: nothing we place, and nothing we touch."""

    kind = "special file"


Wished = File | Directory | Link | None
Found = File | Directory | Link | Other | None


def render(entry: Found) -> str:
    """One rendering for before and after, so that a diff shows exactly what differs."""
    if isinstance(entry, File):
        return f"file {entry.owner}:{entry.group} {entry.mode:04o}\n{entry.shown}"
    if isinstance(entry, Directory):
        return f"directory {entry.owner}:{entry.group} {entry.mode:04o}\n"
    if isinstance(entry, Link):
        return f"link to {entry.target}\n"
    return ""
