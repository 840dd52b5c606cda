# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The texts in which a Debian host describes itself, and what they mean."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

LISTENING = "0A"


@dataclass(frozen=True)
class Listener:
    address: str
    port: int
    inode: int


def os_release(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key: value.strip().strip("\"'") for key, value in pairs}


def meminfo_mb(text: str) -> dict[str, int]:
    return {name: int(size) // 1024 for name, size in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}


def listeners(text: str) -> Iterator[Listener]:
    """From /proc/net/tcp or tcp6, the sockets that wait for connections."""
    for row in text.splitlines()[1:]:
        cells = row.split()
        if len(cells) > 9 and cells[3] == LISTENING:
            address, port = cells[1].split(":")
            yield Listener(_address(address), int(port, 16), int(cells[9]))


def _address(text: str) -> str:
    """The kernel prints an address as 32-bit numbers of this host, that is little-endian on what we run on."""
    words = (bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8))
    return str(ipaddress.ip_address(b"".join(words)))


def addresses(fib_trie: str, if_inet6: str) -> list[str]:
    """A host's own addresses that others can reach, from /proc/net/fib_trie and if_inet6."""
    four = re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", fib_trie)
    six = [str(ipaddress.ip_address(bytes.fromhex(row.split()[0]))) for row in if_inet6.splitlines()]
    found = sorted({*four, *six}, key=lambda text: (":" in text, text))
    return [text for text in found if not (ip := ipaddress.ip_address(text)).is_loopback and not ip.is_link_local]


def unit_of(cgroup: str) -> str:
    """The systemd unit of a process, from its /proc/PID/cgroup; empty when it is in none."""
    for line in cgroup.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" or controllers == "name=systemd":
            units = [part for part in path.split("/") if part.endswith((".service", ".socket", ".scope"))]
            if units:
                return units[0]
    return ""


def nodes(config: str) -> list[str]:
    """Names of nodes in a file of RabbitMQ's, which is written in Erlang."""
    return re.findall(r"rabbit@[\w.-]+", config)


def installed(status: str) -> list[str]:
    """Names of the packages that dpkg has wholly installed."""
    pattern = r"^Package: (\S+)\n(?:(?!Package:)\S.*\n)*?Status: \S+ ok installed$"
    return sorted(set(re.findall(pattern, status, re.MULTILINE)))


def conffile_digest(status: str, path: str) -> str:
    """The md5 that dpkg noted for a configuration file when it installed it; empty when it knows no such file."""
    found = re.search(rf"^ {re.escape(path)} ([0-9a-f]{{32}})", status, re.MULTILINE)
    return found[1] if found else ""


def minor_version(name: str) -> str:
    """`python3.11` is "3.11"; anything else is empty."""
    found = re.fullmatch(r"python(3\.\d+)", name)
    return found[1] if found else ""
