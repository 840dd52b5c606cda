# SPDX-License-Identifier: GPL-3.0-or-later
"""The Docker client: what is typed to make a host (pure), and running it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from .model import HostsError

Completed = subprocess.CompletedProcess[bytes]
SET_LABEL = "slipway.set"
# systemd as PID 1 without --privileged, which fails where the machine itself lacks a capability.
SYSTEMD = (
    "--cap-add=SYS_ADMIN",
    "--security-opt=seccomp=unconfined",
    "--cgroupns=host",
    "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw",
    "--tmpfs=/run",
    "--tmpfs=/run/lock",
    "--tmpfs=/tmp:exec",
    "--stop-signal=SIGRTMIN+3",
    # of many questions asked at once some are lost here, and are asked again after 5 s otherwise
    "--dns-option=timeout:1",
)


def create_argv(name: str, hostname: str, image: str, ports: Mapping[int, int], labels: Mapping[str, str]) -> list[str]:
    """Ports are fixed here and not left to Docker, which would choose others after a reboot."""
    return [
        "create",
        f"--name={name}",
        f"--hostname={hostname}",
        *SYSTEMD,
        *(f"--publish=127.0.0.1:{outside}:{inside}" for inside, outside in ports.items()),
        *(f"--label={key}={value}" for key, value in labels.items()),
        image,
    ]


def command(*arguments: str, stdin: bytes | None = None, limit: float | None = None) -> Completed:
    try:
        return subprocess.run(["docker", *arguments], input=stdin, capture_output=True, check=False, timeout=limit)
    except FileNotFoundError:
        raise HostsError("There is no docker command here; `make hosts` installs it.") from None


def run(*arguments: str, stdin: bytes | None = None) -> str:
    done = command(*arguments, stdin=stdin)
    if done.returncode:
        raise HostsError(f"docker {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


def succeeds(*arguments: str) -> bool:
    return command(*arguments).returncode == 0


def containers(set_name: str | None = None) -> list[dict[str, Any]]:
    """Our containers as `docker inspect` describes them, stopped ones too, in the order of their names."""
    chosen = SET_LABEL if set_name is None else f"{SET_LABEL}={set_name}"
    names = run("ps", "--all", "--quiet", f"--filter=label={chosen}").split()
    # one that has just gone is no failure: other sets come and go
    found: list[dict[str, Any]] = json.loads(command("inspect", *names).stdout) if names else []
    return sorted(found, key=lambda one: (len(one["Name"]), one["Name"]))
