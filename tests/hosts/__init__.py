# SPDX-License-Identifier: GPL-3.0-or-later
"""Throwaway Debian hosts in Docker, reached over SSH: for the demo, Molecule, tests and hand work.

[host] = hosts.up(HostSet("demo", publish={80: 8080}))
hosts.execute(host, "uptime")
hosts.restart(host)
hosts.down("demo")
"""

from .fleet import down, execute, find, folder, restart, up
from .model import Host, HostsError, HostSet

__all__ = ["Host", "HostSet", "HostsError", "down", "execute", "find", "folder", "restart", "up"]
