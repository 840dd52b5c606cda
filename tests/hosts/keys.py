# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH keys of the harness and of its hosts. Host keys are made here, so a host is known before it is first asked."""

from __future__ import annotations

import fcntl
import io
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .model import ADMIN, SSH, Host, HostSet

BUILD = Path(__file__).resolve().parents[2] / "build" / "hosts"
KEY = BUILD / "keys" / "id_ed25519"


@dataclass(frozen=True, slots=True)
class File:
    """A file to lay into a host before its first boot; owned by root there."""

    path: str
    content: str
    mode: int = 0o644


def ensure(path: Path, comment: str) -> str:
    """The public half of the key at `path`, made now unless it is there; by one of several that ask at once."""
    public = path.with_name(path.name + ".pub")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not public.exists():
            path.unlink(missing_ok=True)
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
                check=True,
                stdin=subprocess.DEVNULL,
            )
    return public.read_text().strip()


def folder(set_name: str) -> Path:
    """Keys of a set, beside its inventory: Ansible would read them as inventory sources."""
    return BUILD / "keys" / set_name


def known_hosts(keys: Iterable[tuple[Host, str]]) -> str:
    """Every host under the address that the controller uses for it: checking of host keys stays on."""
    return "".join(f"[127.0.0.1]:{host.ports[SSH]} {' '.join(public.split()[:2])}\n" for host, public in keys)


def first_files(wanted: HostSet, login_key: str, private_host_key: str) -> list[File]:
    """What tells this host from its image: its identity and who may log in."""
    files = [File("etc/ssh/ssh_host_ed25519_key", private_host_key, 0o600)]
    if wanted.login == "root":
        return [*files, File("root/.ssh/authorized_keys", f"{login_key}\n", 0o600)]
    return [
        *files,
        File("etc/ssh/sshd_config.d/10-login.conf", "PermitRootLogin no\n"),
        File(f"etc/sudoers.d/{ADMIN}", f"{ADMIN} ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440),
        File(f"etc/skel-{ADMIN}.keys", f"{login_key}\n", 0o600),
    ]


def archive(files: Iterable[File]) -> bytes:
    """A tar stream for `docker cp`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for file in files:
            if file.path.startswith("root/.ssh/"):
                folder = tarfile.TarInfo("root/.ssh")
                folder.type, folder.mode = tarfile.DIRTYPE, 0o700
                tar.addfile(folder)
            entry = tarfile.TarInfo(file.path)
            content = file.content.encode()
            entry.size, entry.mode = len(content), file.mode
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()
