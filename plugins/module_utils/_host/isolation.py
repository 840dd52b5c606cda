# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep an application's tests away from the controller's keys, and leave nothing of them running.

Three ways, the best that works is taken. root: another user, in mount and process namespaces of its own
(or, where these are forbidden, only the other user). Not root: bubblewrap. Else a process group alone.
The home directory, the gate's own folder and /tmp are covered by empty ones; what the tests need of
them is put back in.
"""

from __future__ import annotations

import os
import pwd
import shlex
import signal
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import command

STRANGER = "nobody"
MARK = "SLIPWAY_TEST_RUN"
PROBE_SECONDS = 20
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


@dataclass(frozen=True)
class Isolation:
    """A way to run a command; `name` goes into the record."""

    name: str
    wrap: Callable[[Sequence[str], Path], list[str]]
    user: str | None = None


def choose(room: Room, probe: Sequence[str], environment: Mapping[str, str]) -> Isolation:
    """The best isolation in which `probe` (the interpreter, doing nothing) runs on this machine."""
    works = (one for one in _ways(room) if _works(one, probe, room.work, environment))
    return next(works, Isolation("none", lambda argv, _cwd: list(argv)))


def make_room(work: Path, readable: Sequence[Path], own: Path) -> Room:
    """Cover the home directory, the gate's folder, /tmp, and what others cannot pass on the way to what is needed."""
    needed = [path.resolve() for path in (work, *readable)]
    covers = {Path(pwd.getpwuid(os.getuid()).pw_dir), own, Path(tempfile.gettempdir())}
    covers |= {cover for path in needed for cover in [_closed(path)] if cover}
    real = sorted(cover.resolve() for cover in covers if cover.is_dir())
    outermost = [
        cover
        for cover in real
        if cover != Path("/") and not any(cover != other and cover.is_relative_to(other) for other in real)
    ]
    return Room(needed[0], tuple(needed[1:]), tuple(dict.fromkeys(outermost)))


def end_leftovers(mark: str) -> None:
    """Kill what carries our mark in its environment: a daemon leaves its process group, not its environment."""
    wanted = f"{MARK}={mark}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in environment.read_bytes().split(b"\0"):
                os.kill(int(environment.parent.name), signal.SIGKILL)
        except OSError:
            continue


def _works(isolation: Isolation, probe: Sequence[str], work: Path, environment: Mapping[str, str]) -> bool:
    try:
        wrapped = isolation.wrap(probe, work)
        return command.run(wrapped, timeout=PROBE_SECONDS, env=environment, user=isolation.user, cwd="/").ok
    except SlipwayError:
        return False


def _ways(room: Room) -> list[Isolation]:
    if os.getuid() == 0:
        return [
            Isolation("user", lambda argv, cwd: _in_namespaces(room, argv, cwd)),
            Isolation("user", lambda argv, _cwd: list(argv), STRANGER),
        ]
    return [Isolation("bubblewrap", lambda argv, cwd: _in_bubblewrap(room, argv, cwd))]


def _in_namespaces(room: Room, argv: Sequence[str], cwd: Path) -> list[str]:
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


def _in_bubblewrap(room: Room, argv: Sequence[str], cwd: Path) -> list[str]:
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
