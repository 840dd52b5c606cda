# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances behind an environment: there is one, and during an immutable deployment another beside it."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from .front import Front
from .instance import Instance

PAUSE, ENOUGH = 0.2, 2
PORTS = [int(port) for port in os.environ.get("BEANSTALK_PORTS", "").split()]
"""Published by the host: one for the address of each environment."""


class UnwellError(Exception):
    """Deployed, and not answering with success."""


@dataclass(frozen=True)
class Health:
    """Which path has to answer with success, and how soon after a deployment."""

    path: str
    seconds: float


class Fleet:
    def __init__(self) -> None:
        self.front = Front(PORTS.pop())
        self.instance: Instance | None = None

    def replace(self, content: bytes, environment: Mapping[str, str], health: Health) -> None:
        """Immutable: what runs is left alone until the new instance is well."""
        new = Instance(_free_port(), environment)
        try:
            new.stage(content)
            new.prepare(leader=True)
            new.swap()
            wait_well(new.port, health)
        except Exception:
            new.end()
            raise
        old, self.instance = self.instance, new
        self.front.target = new.port
        if old:
            old.end()

    def in_place(self, content: bytes, environment: Mapping[str, str], health: Health) -> None:
        """All at once: up to the swap the old processes run, after it they are gone."""
        instance = self.instance or Instance(_free_port(), environment)
        self.instance = instance
        instance.stage(content)
        old, instance.environment = instance.environment, environment
        try:
            instance.prepare(leader=True)
        except Exception:
            instance.environment = old
            raise
        instance.swap()
        self.front.target = instance.port
        wait_well(instance.port, health)

    def reconfigure(self, environment: Mapping[str, str], health: Health) -> None:
        assert self.instance
        self.instance.reconfigure(environment)
        wait_well(self.instance.port, health)

    def end(self) -> None:
        if self.instance:
            self.instance.end()
        self.front.close()
        PORTS.append(self.front.port)


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as refused:
        refused.close()
        return False
    except (OSError, ValueError):
        return False


def wait_well(port: int, health: Health) -> None:
    end, well = time.monotonic() + health.seconds, 0
    while well < ENOUGH:
        well = well + 1 if answers(port, health.path) else 0
        if time.monotonic() > end:
            raise UnwellError(f"no success on {health.path} within {health.seconds:g} s")
        time.sleep(PAUSE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
