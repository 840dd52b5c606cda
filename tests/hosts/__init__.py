# SPDX-License-Identifier: GPL-3.0-or-later
"""Throwaway Debian hosts in Docker, reached over SSH: for the demo, Molecule, tests and hand work.

hosts.up(HostSet("demo", publish={80: 8080})) -> [Host], hosts.down("demo"), hosts.execute(host, "uptime"), hosts.restart(host)
"""

from .fleet import down, execute, find, folder, restart, up
from .model import Host, HostSet, HostsError

__all__ = ["Host", "HostSet", "HostsError", "down", "execute", "find", "folder", "restart", "up"]
