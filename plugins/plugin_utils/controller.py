# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs this playbook, what is missing there, and whether another run of this controller is still alive."""

from __future__ import annotations

import getpass
import importlib.util
import multiprocessing
import os
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

# What runs here besides Ansible, and what it is for; uv is fetched when there is none.
PROGRAMS = {
    "git": "the commit is read with it. Type: apt install git",
    "ssh-keygen": "the record of the tests is signed with it. Type: apt install openssh-client",
}
# What the role of a group is made of; galaxy.yml asks for it, and a checkout has no Galaxy to bring it.
COLLECTIONS = {"databases": "community.postgresql"}


def missing() -> list[str]:
    """Programs that this machine lacks."""
    return [f"{name} is not on this machine: {use}." for name, use in PROGRAMS.items() if shutil.which(name) is None]


def lacking(services: Iterable[str]) -> list[str]:
    """Collections that the roles of these groups use, and that are not installed here."""
    wanted = {group: name for group, name in COLLECTIONS.items() if group in services}
    return [text for group, name in wanted.items() for text in lacking_for(f"group {group}", [name])]


def lacking_for(whom: str, collections: Iterable[str]) -> list[str]:
    """Those of these collections that are not installed here."""
    return [
        f"The {whom} needs the collection {name}. Type: ansible-galaxy collection install {name}"
        for name in collections
        if not _installed(name)
    ]


def _installed(collection: str) -> bool:
    try:
        return importlib.util.find_spec(f"ansible_collections.{collection}") is not None
    except ModuleNotFoundError:
        return False


def process_token(pid: int) -> str:
    """Names a process for good: a pid alone may be used again after its process is gone."""
    return f"{controller()}/{pid}/{_started(pid)}"


def controller() -> str:
    """This machine, told apart from others even when they share a host name.

    Containers of one image may share both; a pid means something in its own namespace only.
    """
    try:
        identity = Path("/etc/machine-id").read_text(encoding="ascii").strip()[:12]
    except OSError:
        identity = "unknown"
    try:
        processes = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        processes = "unknown"
    return f"{socket.gethostname()}-{identity}-{processes}"


def who() -> str:
    """Whoever runs this playbook."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def this_run(act: str) -> dict[str, object]:
    """The run this worker belongs to: ansible-playbook itself, which may have been killed meanwhile."""
    parent = multiprocessing.parent_process()
    pid = parent.pid if parent and parent.pid else os.getppid()
    return {
        "token": process_token(pid),
        "by": who(),
        "controller": controller(),
        "pid": pid,
        "act": act,
    }


def is_dead(lock: dict[str, object]) -> bool:
    """Whether a lock's run was one of this controller and its process is gone."""
    pid = lock.get("pid")
    if lock.get("controller") != controller() or not isinstance(pid, int):
        return False
    if not _started(os.getpid()):
        return False  # a system that does not tell about processes, such as macOS
    return not _started(pid) or process_token(pid) != lock.get("token")


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty when there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return status.rpartition(")")[2].split()[19]
