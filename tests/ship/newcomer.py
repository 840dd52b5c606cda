# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who has just heard of the collection: a home of his own, and one shell in which he types."""

from __future__ import annotations

import hashlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.hosts import Host, keys

LIMIT = 900.0
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Newcomer:
    """`typed` is each command with the seconds it took. Everything is said into the file `home`/said."""

    def __init__(self, home: Path, host: Host) -> None:
        self.home, self.host = home, host
        self.typed: list[tuple[str, float]] = []
        self._log = home / "said"
        self._status, status = os.pipe()
        with self._log.open("wb") as said:
            self._shell = subprocess.Popen(
                ["bash", "-uo", "pipefail"],
                cwd=home,
                env=environment(home, host),
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
                pass_fds=(status,),
            )
        self._tell = f"echo $? >&{status}"
        os.close(status)

    def types(self, command: str) -> str:
        """A command, word for word, and what it says; it has to succeed."""
        began = time.monotonic()
        said = self.sees(command)
        self.typed.append((command, time.monotonic() - began))
        return said

    def sees(self, command: str) -> str:
        """The same, for what only the test wants to know."""
        before = self._log.stat().st_size
        assert self._shell.stdin
        self._shell.stdin.write(f"{{ {command}\n}} </dev/null; {self._tell}\n".encode())
        self._shell.stdin.flush()
        status = self._answer()
        said = self._log.read_bytes()[before:].decode(errors="replace")
        assert status == "0", f"exit {status or f'not known after {LIMIT:.0f} s'}: $ {command}\n{said[-6000:]}"
        return said

    @property
    def account(self) -> str:
        """Commands typed and minutes taken."""
        lines = [f"{seconds:7.1f} s  $ {command}" for command, seconds in self.typed]
        minutes = sum(seconds for _command, seconds in self.typed) / 60
        return "\n".join(["", *lines, f"{len(lines)} commands typed, {minutes:.1f} minutes taken"])

    def leaves(self) -> None:
        self._shell.kill()
        self._shell.communicate()
        os.close(self._status)

    def _answer(self) -> str:
        with selectors.DefaultSelector() as selector:
            selector.register(self._status, selectors.EVENT_READ)
            return os.read(self._status, 16).decode().strip() if selector.select(LIMIT) else ""


def environment(home: Path, host: Host) -> Mapping[str, str]:
    """The machine's (certificates, a proxy), less what an environment of ours has put there.

    ssh takes the account's home and not HOME, so key and known hosts are told by Ansible's names.
    """
    ours = ("ANSIBLE_", "SLIPWAY_", "UV_", "VIRTUAL_ENV", "PYTHON", "PYTEST")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    known = keys.folder(host.name.rpartition("-")[0]) / "known_hosts"
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{Path(sys.base_prefix, 'bin')}:{SYSTEM_PATH}",
        "SLIPWAY_GATE_CACHE": str(home / "cache"),  # root's own is the machine's
        "ANSIBLE_PRIVATE_KEY_FILE": str(keys.KEY),
        "ANSIBLE_SSH_COMMON_ARGS": f"-o UserKnownHostsFile={known} -o IdentitiesOnly=yes",
        "ANSIBLE_NOCOLOR": "1",
    }


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file below a folder and what is in it, or where it points to; Python's own caches are nobody's content."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    paths = sorted(path for path in found if path.parent.name != "__pycache__")
    return {
        str(path): os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }
