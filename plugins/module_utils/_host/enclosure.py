# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The walls around tested code: what it sees of the disk, whom it can reach, and the end of all it starts.

The home directory, the gate's own folder and /tmp are covered by empty ones; what the tests need of
them is put back in.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STRANGER = "nobody"
_NAMESPACES = (
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--propagation",
    "private",
    "--",
)

_POWERLESS = "--no-new-privs --bounding-set=-all --inh-caps=-all"


@dataclass(frozen=True)
class Room:
    """What the tests get to see: a folder to write in, folders to read, and what is covered."""

    work: Path
    readable: tuple[Path, ...]
    covered: tuple[Path, ...]

    @property
    def put_back(self) -> list[Path]:
        """What has to be mounted again because a cover lies over it."""
        return [
            path for path in (self.work, *self.readable) if any(path.is_relative_to(cover) for cover in self.covered)
        ]


def make_room(work: Path, readable: Sequence[Path], own: Path) -> Room:
    """Cover the home directory, the gate's folder, /tmp, and what others cannot pass on the way to what is needed."""
    needed = [path.resolve() for path in (work, *readable)]
    covers = {Path.home(), own, Path(tempfile.gettempdir())}
    with contextlib.suppress(KeyError):  # a container may run as a user without a name
        covers.add(Path(pwd.getpwuid(os.getuid()).pw_dir))
    covers |= {cover for path in needed for cover in [_closed(path)] if cover}
    real = sorted(cover.resolve() for cover in covers if cover.is_dir())
    outermost = [
        cover
        for cover in real
        if cover != Path("/") and not any(cover != other and cover.is_relative_to(other) for other in real)
    ]
    return Room(needed[0], tuple(needed[1:]), tuple(dict.fromkeys(outermost)))


def in_namespaces(room: Room, argv: Sequence[str], cwd: Path) -> list[str]:
    """The shell stays as process 1 of its namespace: when it ends, the kernel ends everything in there."""
    account = pwd.getpwnam(STRANGER)
    identity = f"--reuid {account.pw_uid} --regid {account.pw_gid} --clear-groups {_POWERLESS}"
    script = ["set -eu", *_covering(room), f"cd {shlex.quote(str(cwd))}", "status=0"]
    script += [f'setpriv {identity} -- "$@" || status=$?', "exit $status"]
    return ["setpriv", "--pdeathsig", "KILL", *_NAMESPACES, "sh", "-c", "\n".join(script), "sh", *argv]


def _covering(room: Room) -> list[str]:
    """Shell lines that build each cover, with what is put back in it, aside, and then lay it over the real folder."""
    hold = room.work / "hold"
    # The cover that lies over the place we build in comes last: nothing can be reached there afterwards.
    covers = sorted(room.covered, key=hold.is_relative_to)
    build, lay = [], []
    for number, cover in enumerate(covers):
        aside = hold / str(number)
        mode = "1777" if cover == Path(tempfile.gettempdir()).resolve() else "0755"
        build.append(f"mkdir -p {_q(aside)}; mount -t tmpfs -o mode={mode} slipway {_q(aside)}")
        for path in room.put_back:
            if path.is_relative_to(cover):
                inside = aside / path.relative_to(cover)
                build.append(f"mkdir -p {_q(inside)}; mount --bind {_q(path)} {_q(inside)}")
        lay.append(f"mount --rbind {_q(aside)} {_q(cover)}")
    return [*build, *lay]


def _q(path: Path) -> str:
    return shlex.quote(str(path))


def in_bubblewrap(room: Room, argv: Sequence[str], cwd: Path) -> list[str]:
    covers = [argument for cover in room.covered for argument in ("--tmpfs", str(cover))]
    kept = [argument for path in room.put_back for argument in ("--ro-bind", str(path), str(path))]
    return [
        "bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *covers, *kept,
        "--bind", str(room.work), str(room.work), "--unshare-pid", "--unshare-ipc", "--die-with-parent",
        "--new-session", "--chdir", str(cwd), "--", *argv,
    ]  # fmt: skip


def _closed(path: Path) -> Path | None:
    """The outermost folder on the way to `path` that other users cannot pass."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)
