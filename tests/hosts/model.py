# SPDX-License-Identifier: GPL-3.0-or-later
"""What a set of test hosts is. Plain data: nothing here touches Docker or the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SSH, HTTP, HTTPS = 22, 80, 443
STACKS = ("nginx_uwsgi", "apache_uwsgi", "gevent", "tornado")
ADMIN = "admin"

Login = Literal["root", "sudo"]


class HostsError(Exception):
    """The hosts cannot be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class HostSet:
    """Hosts that come and go together; sets live side by side."""

    name: str
    count: int = 1
    debian: int = 12
    login: Login = "root"
    groups: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: {"nginx_uwsgi": ()})
    """Inventory group -> numbers of its hosts, none meaning all of them."""
    publish: Mapping[int, int] = field(default_factory=dict)
    """Port of the first host -> fixed port on 127.0.0.1; a free one is taken for every other."""
    extra_ports: tuple[int, ...] = ()
    """Ports of every host to publish besides ssh, http and https."""

    @property
    def host_names(self) -> tuple[str, ...]:
        return tuple(f"{self.name.replace('_', '-')}-{number}" for number in range(1, self.count + 1))

    @property
    def user(self) -> str:
        return "root" if self.login == "root" else ADMIN


@dataclass(frozen=True, slots=True)
class Host:
    """A running host. Ports are those of 127.0.0.1 and outlive a reboot."""

    name: str
    container: str
    user: str
    debian: int
    ports: Mapping[int, int]

    @property
    def ssh_port(self) -> int:
        return self.ports[SSH]

    @property
    def http_port(self) -> int:
        return self.ports[HTTP]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"
