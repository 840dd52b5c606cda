# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what can be seen, with a limit, and never for a fixed time."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Callable, Collection
from pathlib import Path

from . import docker
from .model import Host, HostsError

INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
LIMIT = 90.0
PAUSE = 0.1


def until(seen: Callable[[], bool], what: str, limit: float = LIMIT) -> None:
    """Ask until the answer is yes."""
    end = time.monotonic() + limit
    while not seen():
        if time.monotonic() > end:
            raise HostsError(f"Waited {limit:.0f} s for {what}.")
        time.sleep(PAUSE)


def booted(container: str) -> bool:
    """systemd has come up; `degraded` says that a unit failed, which a test may want to look at."""
    try:
        state = docker.command("exec", container, "systemctl", "is-system-running", "--wait", limit=LIMIT)
    except subprocess.TimeoutExpired:
        return False
    if state.returncode and docker.run("inspect", "--format={{.State.Running}}", container).strip() == "false":
        raise HostsError(
            f"{container} ended while it booted. systemd needs five inotify instances of root, and the kernel gives "
            f"{INSTANCES.read_text().strip()}: end hosts that nobody needs, or raise fs.inotify.max_user_instances."
        )
    return state.stdout.decode().strip() in ("running", "degraded")


def greets(port: int) -> bool:
    """An SSH server answers: Docker's own proxy accepts connections long before."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def wait(host: Host) -> None:
    until(lambda: booted(host.container), f"systemd of {host.name}")
    until(lambda: greets(host.ssh_port), f"sshd of {host.name} on port {host.ssh_port}")


def free_port(spoken_for: Collection[int] = ()) -> int:
    """Below the ports that the kernel gives to outgoing connections: nobody takes it while its host reboots."""
    chosen = iter(lambda: random.randrange(20_000, 30_000), None)
    return next(port for port in chosen if port not in spoken_for and is_free(port))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
