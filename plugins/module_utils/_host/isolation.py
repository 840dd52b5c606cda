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
import shutil
import signal
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    for isolation in _ways(room):
        wrapped = isolation.wrap(probe, room.work)
        if (
            shutil.which(wrapped[0])
            and command.run(wrapped, timeout=PROBE_SECONDS, env=environment, user=isolation.user).ok
        ):
            return isolation
    return Isolation("none", lambda argv, _cwd: list(argv))


def make_room(work: Path, readable: Sequence[Path], own: Path) -> Room:
    """Cover the home directory, the gate's folder, /tmp, and what is closed to other users on the way to what is needed."""
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


def _ways(room: Room) -> list[Isolation]:
    if os.getuid() == 0:
        return [
            Isolation("user", lambda argv, cwd: _in_namespaces(room, argv, cwd)),
            Isolation("user", lambda argv, _cwd: list(argv), STRANGER),
        ]
    return [Isolation("bubblewrap", lambda argv, cwd: _in_bubblewrap(room, argv, cwd))]


def _in_namespaces(room: Room, argv: Sequence[str], cwd: Path) -> list[str]:
    """The shell stays as process 1 of its namespace: when it ends, the kernel ends everything in there."""
    hold = room.work / "hold"
    kept = [(shlex.quote(str(path)), shlex.quote(str(hold / str(number)))) for number, path in enumerate(room.put_back)]
    account = pwd.getpwnam(STRANGER)
    script = [
        "set -eu",
        f"mkdir -p {shlex.quote(str(hold))}",
        f"mount -t tmpfs -o mode=0711 slipway {shlex.quote(str(hold))}",
    ]
    script += [f"mkdir {held}; mount --bind {path} {held}" for path, held in kept]
    for cover in room.covered:
        mode = "1777" if cover == Path(tempfile.gettempdir()) else "0755"
        script.append(f"mount -t tmpfs -o mode={mode} slipway {shlex.quote(str(cover))}")
    script += [f"mkdir -p {path}; mount --bind {held} {path}" for path, held in kept]
    identity = f"--reuid {account.pw_uid} --regid {account.pw_gid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
    script += [f"cd {shlex.quote(str(cwd))}", "status=0", f'setpriv {identity} -- "$@" || status=$?', "exit $status"]
    return ["setpriv", "--pdeathsig", "KILL", *_NAMESPACES, "sh", "-c", "\n".join(script), "sh", *argv]


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
