# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains of commands, each fed by the one before."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from here import Failed, Here, last
from repository import complaint

GRACE_SECONDS = 5


@dataclass(frozen=True)
class Step:
    """A command of a chain."""

    argv: Sequence[str]
    env: dict
    user: str = ""


def flow(here: Here, *steps: Step) -> str:
    """Each step's output is the input of the next; what the last one says.

    The next one sees the end of its input only when the step has ended well: we hold the pipe open until then. So
    nobody takes a part for the whole.
    """
    with contextlib.ExitStack() as left:
        complaints = [left.enter_context(tempfile.TemporaryFile()) for _ in steps]
        pipes = [
            tuple(left.enter_context(os.fdopen(end, mode)) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
            for _ in steps[1:]
        ]
        feeds = [subprocess.DEVNULL, *(out for out, _ in pipes)]
        sinks = [*(into for _, into in pipes), left.enter_context(tempfile.TemporaryFile())]
        processes = []
        for step, *ends in zip(steps, feeds, sinks, complaints, strict=True):
            processes.append(begun(step, *ends))
            left.callback(stop, processes[-1])
        for out, _ in pipes:
            out.close()  # a step whose reader is gone shall notice
        for number in range(len(steps)):
            ended(here, processes, complaints, number)
            if number < len(pipes):
                pipes[number][1].close()
        return text_of(sinks[-1])


def begun(step: Step, feed: IO[bytes] | int, into: IO[bytes], complaints: IO[bytes]) -> subprocess.Popen:
    return subprocess.Popen(
        step.argv, stdin=feed, stdout=into, stderr=complaints, env=step.env, cwd="/", **as_user(step.user)
    )


def ended(here: Here, processes: list, complaints: list, number: int) -> None:
    """Wait for a step. One that lost its reader is not to blame: the reader is."""
    if processes[number].wait() == 0:
        return
    errors = text_of(complaints[number])
    lost = processes[number].returncode == -signal.SIGPIPE or "roken pipe" in errors
    if lost and number + 1 < len(processes):
        ended(here, processes, complaints, number + 1)
    program = os.path.basename(processes[number].args[0])
    raise complaint(here, errors) if program == "restic" else Failed(f"{program} says: {last(errors)}")


def text_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def stop(process: subprocess.Popen) -> None:
    """As Ctrl-C would, so that restic takes its lock away; then for good."""
    for sign in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)


def as_user(user: str) -> dict:
    if not user:
        return {}
    account = pwd.getpwnam(user)
    return {"user": user, "group": account.pw_gid, "extra_groups": os.getgrouplist(user, account.pw_gid)}
