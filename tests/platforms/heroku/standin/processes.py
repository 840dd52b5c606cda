# SPDX-License-Identifier: GPL-3.0-or-later
"""A process in a copy of the slug that nobody else has; what it writes there goes with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from .world import HOME, Slug, fresh

USER = "dyno"
END_SECONDS = 30.0
# what the buildpack leaves for each dyno, then the app's own
PREPARE = "for part in .profile.d/*.sh; do [ -e $part ] && . ./$part; done; [ -e .profile ] && . ./.profile"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Running:
    """The command of a dyno, with the environment that dynos have."""

    def __init__(self, slug: Slug, config: Mapping[str, str], dyno: str, command: str) -> None:
        self.port, self.folder = free_port(), HOME / "dynos" / fresh()
        subprocess.run(["cp", "-r", slug.folder, self.folder], check=True, user=USER, group=USER, extra_groups=[])
        self.process = subprocess.Popen(
            ["bash", "-c", f"{PREPARE}; {command}"],
            cwd=self.folder,
            env=self._environment(slug.venv, config, dyno),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=USER,
            group=USER,
            extra_groups=[],
        )

    def hear(self, each: Callable[[str], None]) -> None:
        """Hand on what it says, line by line, until nobody can say anything any more."""
        assert self.process.stdout
        for line in self.process.stdout:
            each(line.decode(errors="replace").rstrip("\n"))

    def tell(self, sign: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, sign)

    def end(self) -> int:
        """All of its processes are told, and after a while made, to end. Its status as a shell counts."""
        self.tell(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        self.tell(signal.SIGKILL)
        status = self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        return status if status >= 0 else 128 - status

    def _environment(self, venv: Path, config: Mapping[str, str], dyno: str) -> dict[str, str]:
        path = f"{venv}/bin:/usr/local/bin:/usr/bin:/bin"
        own = {"HOME": str(self.folder), "PATH": path, "LANG": "C.UTF-8", "DYNO": dyno, "PORT": str(self.port)}
        return {"PYTHONUNBUFFERED": "true", "WEB_CONCURRENCY": "2", **config, **own}
