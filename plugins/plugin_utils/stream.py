# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command on a host whose output is seen while it runs.

All of Ansible's own ways to run something return once it has ended. So this starts the ssh of the connection itself,
with the options, the account and the way to become root that Ansible would take, over the connection that is open.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError


@dataclass(frozen=True)
class Ended:
    """`errors` is standard error: ours and that of ssh and sudo."""

    status: int
    errors: str


def run(action: Any, command: str, given: str, show: Callable[[str], None]) -> Ended:
    """Run it, give it a line to read, and show each line it writes.

    Its input stays open as long as we live. With a password for sudo, that comes first; where sudo does not ask, the
    command has to pass over it. A wrong one is Ansible's to find, in a step before: sudo would wait for another.
    """
    become = action._connection.become
    password = become.get_option("become_pass", playcontext=action._play_context) if become else None
    if password and _becomes(action):
        action._low_level_execute_command("true")
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        process = subprocess.Popen(
            argv(action, command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
        )
        assert process.stdin and process.stdout
        with process:
            with contextlib.suppress(BrokenPipeError):
                os.write(process.stdin.fileno(), "".join(f"{line}\n" for line in (password, given) if line).encode())
            for line in process.stdout:
                if not (become and become.success and become.success in line):
                    show(line.rstrip("\r\n"))
        errors.seek(0)
        said = errors.read().replace(become.prompt if password else "\0", "")
        return Ended(process.returncode, said.strip())


def attach(action: Any, command: str, terminal: int) -> int:
    """Run it at a terminal; its status."""
    words = argv(action, command, "-tt")
    return subprocess.run(words, stdin=terminal, stdout=terminal, stderr=terminal, check=False).returncode


def terminal() -> int | None:
    """The terminal of ansible-playbook, from which Ansible takes its workers away; None when there is none."""
    try:
        found = os.open(f"/proc/{os.getppid()}/fd/0", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    if os.isatty(found):
        return found
    os.close(found)
    return None


def by_hand(action: Any, command: str) -> str:
    """What a person would type to run it at a terminal."""
    options = action._connection.get_option
    words = ["ssh", "-t"]
    words += ["-p", str(options("port"))] if options("port") else []
    words += ["-i", str(options("private_key_file"))] if options("private_key_file") else []
    words += ["-l", str(options("remote_user"))] if options("remote_user") else []
    words += shlex.split(options("ssh_common_args") or "")
    return shlex.join([*words, options("host"), f"sudo {command}" if _becomes(action) else command])


def argv(action: Any, command: str, *options: str) -> list[bytes]:
    """The ssh that runs a command on the host, as root where the play says so; a remote step."""
    connection = action._connection
    if connection.transport.rpartition(".")[2] != "ssh":
        raise SlipwayError(
            f"The connection to this host is {connection.transport}, and output can be streamed over ssh only."
        )
    if _becomes(action):
        command = connection.become.build_become_command(command, connection._shell)
    whole = f"/bin/sh -c {shlex.quote(command)}"
    program, host = connection.get_option("ssh_executable"), connection.get_option("host")
    words: list[bytes] = connection._build_command(program, "ssh", *options, host, whole)
    return words


def _becomes(action: Any) -> bool:
    """As Ansible decides it: not when the account it logs in with is the one to become."""
    same = action._get_remote_user() == action.get_become_option("become_user")
    return bool(action._connection.become) and not same
