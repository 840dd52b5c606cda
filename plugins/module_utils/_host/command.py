# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a program with a time limit and leave nothing of it behind.

Output goes to files and not through pipes: a grandchild that keeps a pipe open can then neither
hold us up nor fill our memory.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

KEPT_BYTES = 16 * 1024 * 1024
GRACE_SECONDS = 2.0
_inherited: set[int] = set()


@contextlib.contextmanager
def inherited(descriptor: int) -> Iterator[None]:
    """Commands that are started meanwhile keep a descriptor, and so a lock on it, even when we are killed."""
    _inherited.add(descriptor)
    try:
        yield
    finally:
        _inherited.discard(descriptor)


@dataclass(frozen=True)
class Result:
    """What a command left: its status (negative: the signal that ended it) and its output."""

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str
    timed_out: bool
    seconds: float

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.timed_out

    def tail(self, lines: int = 20) -> str:
        """The last lines of what it said: standard error, or standard output when that is silent."""
        said = self.stderr.strip() or self.stdout.strip()
        return "\n".join(said.splitlines()[-lines:])


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    stdin: str | bytes = b"",
    output: IO[bytes] | None = None,
    errors: IO[bytes] | None = None,
) -> Result:
    """Run `argv` in a process group of its own and wait at most `timeout` seconds.

    `env` replaces the whole environment (None: ours). `user` needs root: the command has that
    account's identity and groups. `output` and `errors` take the two streams as they come (the same
    file keeps their order). Whatever is left of the group afterwards is killed, however the command ended.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained, tempfile.TemporaryFile() as given:
        given.write(stdin.encode() if isinstance(stdin, str) else stdin)
        given.seek(0)
        streams = {"stdin": given, "stdout": output or said, "stderr": errors or complained}
        started = time.monotonic()
        process = _start(argv, user, env, cwd, streams)
        try:
            status, timed_out = _wait(process, timeout), False
        except subprocess.TimeoutExpired:
            status, timed_out = _stop(process), True
        finally:
            _signal_group(process, signal.SIGKILL)
        seconds = time.monotonic() - started
        return Result(tuple(argv), status, _read(said), _read(complained), timed_out, seconds)


def _start(
    argv: Sequence[str],
    user: str | None,
    env: Mapping[str, str] | None,
    cwd: str | os.PathLike[str] | None,
    streams: Mapping[str, IO[bytes]],
) -> subprocess.Popen[bytes]:
    identity: dict[str, Any] = {}
    if user is not None:
        try:
            account = pwd.getpwnam(user)
        except KeyError:
            raise SlipwayError(f"No user {user!r} on this machine, so {argv[0]} cannot run as that user.") from None
        groups = os.getgrouplist(user, account.pw_gid)
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}
    try:
        return subprocess.Popen(
            argv,
            stdin=streams["stdin"],
            stdout=streams["stdout"],
            stderr=streams["stderr"],
            env=env,
            cwd=cwd,
            start_new_session=True,
            pass_fds=tuple(_inherited),
            **identity,
        )
    except OSError as error:
        raise SlipwayError(f"Cannot run {argv[0]}: {error.strerror or error}.") from error


def until_end(pid: int, seconds: float) -> bool:
    """Wait for the end of any process, at most so long; False at once when the system does not tell of it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    except (OSError, AttributeError):
        return False
    try:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        waiting.poll(max(0.0, seconds) * 1000)
    finally:
        os.close(descriptor)
    return True


def _wait(process: subprocess.Popen[bytes], timeout: float) -> int:
    """Its status; Popen alone looks for it only now and then when it has a limit, up to 50 ms late."""
    deadline = time.monotonic() + timeout
    until_end(process.pid, timeout)
    return process.wait(max(0.0, deadline - time.monotonic()))


def _stop(process: subprocess.Popen[bytes]) -> int:
    """Ask the whole group to end, and after a short grace make it."""
    _signal_group(process, signal.SIGTERM)
    try:
        return process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGKILL)
        return process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _read(stream: IO[bytes]) -> str:
    """The last KEPT_BYTES of a stream: what a person needs of an endless output is its end."""
    stream.seek(max(0, os.fstat(stream.fileno()).st_size - KEPT_BYTES))
    return stream.read().decode("utf-8", "replace")
