# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host is and has. It only looks, and what is missing is left out rather than an error."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import proc
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import STEP_CACHE
from ansible_collections.slipway.flask.plugins.module_utils._host import dpkg, installing, seen
from ansible_collections.slipway.flask.plugins.module_utils._host.certificates import certificates
from ansible_collections.slipway.flask.plugins.module_utils._host.survey_apps import apps
from ansible_collections.slipway.flask.plugins.module_utils._host.survey_fronts import sites
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import is_held, names, text

MOUNTS = ("/srv", "/var")
ETC, STATE = "etc/slipway", "var/lib/slipway"
FILE_SETS = f"{STATE}/file_set"


def survey(root: Path = Path("/"), key: str = "") -> dict[str, Any]:
    """Everything, of the file system below `root`. What was placed before is told to who has a key for it."""
    status = dpkg.status(root)
    return {
        **_system(root),
        **_pythons(root),
        "step_cache": _step_cache(root),
        **_resources(root),
        "ipv6": (root / "proc/net/if_inet6").exists(),
        "packages": proc.installed(status),
        "installing": installing.is_under_way(root),
        "listeners": _listeners(root),
        "addresses": proc.addresses(text(root / "proc/net/fib_trie"), text(root / "proc/net/if_inet6")),
        "front": {name: {"sites": sites(root, name, status)} for name in FRONTS},
        "certificates": certificates(root),
        "cluster": _cluster(root),
        "reboot_required": _reboot_required(root),
        "apps": apps(root),
        "seen": seen.look(root / FILE_SETS, key) if key else {},
        "backups": [name for name in names(root / ETC) if (root / ETC / name / "backup.json").exists()],
        "restoring": [name for name in names(root / STATE) if is_held(root / STATE / name / "restoring")],
    }


def _system(root: Path) -> dict[str, str]:
    release = proc.os_release(text(root / "etc/os-release"))
    return {
        "hostname": os.uname().nodename.partition(".")[0],
        "distribution": release.get("ID", ""),
        "release": release.get("VERSION_ID", ""),
        "codename": release.get("VERSION_CODENAME", ""),
        "architecture": os.uname().machine,
        "kernel": os.uname().release,
    }


def _pythons(root: Path) -> dict[str, Any]:
    folder = root / "usr/bin"
    found = [version for version in map(proc.minor_version, names(folder)) if version]
    target = Path(os.path.realpath(folder / "python3")).name
    return {"python": proc.minor_version(target), "pythons": sorted(found, key=lambda minor: int(minor[2:]))}


def _step_cache(root: Path) -> str | None:
    """Digest of the interpreter that keeps steps compiled, or empty; None: this run has a Python of its own."""
    ordinary = os.path.realpath(root / "usr/bin/python3")
    if sys.prefix != sys.base_prefix or os.path.realpath(sys.executable) != ordinary:
        return None
    program = root / STEP_CACHE.lstrip("/")
    return hashlib.sha256(program.read_bytes()).hexdigest() if program.is_file() else ""


def _resources(root: Path) -> dict[str, Any]:
    memory = proc.meminfo_mb(text(root / "proc/meminfo"))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": memory.get("MemTotal", 0),
        "memory_available_mb": memory.get("MemAvailable", 0),
        "disk_free_mb": {mount: free_mb(root / mount.lstrip("/")) for mount in MOUNTS},
    }


def free_mb(path: Path) -> int:
    """Of the file system `path` is on, or will be on once it exists."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    found = os.statvfs(there)
    return found.f_bavail * found.f_frsize // (1024 * 1024)


def _listeners(root: Path) -> dict[str, dict[str, Any]]:
    """By port. A socket that several processes share is given to the first: the one that opened it."""
    tables = [proc.listeners(text(root / "proc/net" / table)) for table in ("tcp", "tcp6")]
    open_sockets = [listener for table in tables for listener in table]
    owners = _owners(root, {listener.inode for listener in open_sockets})
    ports: dict[str, dict[str, Any]] = {}
    for listener in open_sockets:
        owner = owners.get(listener.inode, {"pid": 0, "command": "", "unit": ""})
        ports.setdefault(str(listener.port), {**owner, "addresses": []})["addresses"].append(listener.address)
    return ports


def _owners(root: Path, inodes: set[int]) -> Mapping[int, dict[str, Any]]:
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, dict[str, Any]] = {}
    for pid in sorted(int(name) for name in names(root / "proc") if name.isdigit()):
        process = root / "proc" / str(pid)
        for number in names(process / "fd"):
            with contextlib.suppress(OSError):
                inode = wanted.get(os.readlink(process / "fd" / number))
                if inode is not None and inode not in found:
                    unit = proc.unit_of(text(process / "cgroup"))
                    found[inode] = {"pid": pid, "command": text(process / "comm").strip(), "unit": unit}
    return found


def _cluster(root: Path) -> list[str]:
    """Nodes of the RabbitMQ cluster that the host is in, as the node itself keeps them."""
    kept = (root / "var/lib/rabbitmq/mnesia").glob("*/cluster_nodes.config")
    return sorted({name for path in kept for name in proc.nodes(text(path))})


def _reboot_required(root: Path) -> bool:
    """What packages asked for, or a kernel younger than the one that runs."""
    if (root / "run/reboot-required").exists():
        return True
    kernels = {path.name.removeprefix("vmlinuz-"): path.stat().st_mtime for path in (root / "boot").glob("vmlinuz-*")}
    running = kernels.get(os.uname().release)
    return running is not None and max(kernels.values()) > running
