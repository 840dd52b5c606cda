# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front servers that a host may have, and how their sites are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# The first line of every site we place; what it names is whose site it is.
MARK = "# slipway.flask: the site "
# Stands in our mark instead of the name of an app: the site that refuses names nobody serves.
REFUSER = "-"


@dataclass(frozen=True)
class FrontServer:
    """A web server as Debian packages it."""

    packages: Sequence[str]  # of Debian
    unit: str  # systemd's name
    command: str  # the name of its processes
    links: str  # The folder whose links are how a site is switched on: removing one takes nothing away for good.
    places: Sequence[str]  # what its configuration includes, and itself
    logs: str
    check: Sequence[str]  # says whether the configuration is good
    guests: str  # the file of who reaches an app whose site is closed
    guest: str  # a line of it, for a network


FRONTS: Mapping[str, FrontServer] = {
    "nginx": FrontServer(
        packages=("nginx-light",),
        unit="nginx.service",
        command="nginx",
        links="/etc/nginx/sites-enabled/",
        places=("/etc/nginx/nginx.conf", "/etc/nginx/conf.d/*.conf", "/etc/nginx/sites-enabled/*"),
        logs="/var/log/nginx",
        check=("nginx", "-t"),
        guests="/etc/nginx/snippets/slipway-{name}-exempt.conf",
        guest="{network} none;",
    ),
    "apache": FrontServer(
        packages=("apache2", "ssl-cert"),
        unit="apache2.service",
        command="apache2",
        links="/etc/apache2/sites-enabled/",
        places=("/etc/apache2/apache2.conf", "/etc/apache2/conf-enabled/*.conf", "/etc/apache2/sites-enabled/*.conf"),
        logs="/var/log/apache2",
        check=("apache2ctl", "configtest"),
        guests="/etc/apache2/slipway-{name}-exempt.conf",
        guest="SetEnvIfExpr \"-R '{network}'\" slipway_guest",
    ),
}


@dataclass
class Server:
    """One server of a configuration: where it begins, what it listens on and the names it answers to.

    A listen that answers every name nobody else does has the word `default_server`."""

    line: int
    listens: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def of_unit(unit: str) -> str:
    """The name of the front server that systemd runs under this one; empty for none."""
    return next((name for name, server in FRONTS.items() if server.unit == unit), "")


def owner_of(text: str) -> str:
    """Whose site the file is: the name in our mark, empty for a file that is not ours."""
    first = text.split("\n", 1)[0]
    return first.removeprefix(MARK).split(";")[0].strip() if first.startswith(MARK) else ""


def port_of(listen: str) -> str:
    """The port of a listen; a unix socket has none."""
    address = listen.split(maxsplit=1)[0]
    if address.startswith("unix:"):
        return ""
    tail = address.rpartition("]")[2] if address.startswith("[") else address
    port = tail.rpartition(":")[2]
    return port if port.isdigit() else "80"
