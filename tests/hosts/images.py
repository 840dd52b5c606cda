# SPDX-License-Identifier: GPL-3.0-or-later
"""Base images of bare Debian servers, made from the machine's mirror and kept by the digest of what made them."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from . import docker, mirror
from .model import HostsError

REPOSITORY = "slipway-host"
PACKAGES = ("systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "ca-certificates", "iproute2")
# A new server has host keys and a machine id of its own; both come with the host, not with the image.
CLEAN = ("rm -f $1/etc/ssh/ssh_host_*", ": > $1/etc/machine-id", "rm -f $1/var/log/*.log $1/var/log/apt/*")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what is in an image."""

    debian: int
    sources: tuple[str, ...]
    apt_options: tuple[str, ...]
    packages: tuple[str, ...] = PACKAGES
    clean: tuple[str, ...] = CLEAN

    @property
    def tag(self) -> str:
        digest = hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()
        return f"{REPOSITORY}:{self.debian}-{digest[:12]}"


def mmdebstrap_argv(recipe: Recipe, target: Path) -> list[str]:
    """No python3 and no package lists: first contact with such a server is a thing to test."""
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--include={','.join(recipe.packages)}",
        *(f"--aptopt={option}" for option in recipe.apt_options),
        *(f"--customize-hook={command}" for command in recipe.clean),
        mirror.CODENAMES[recipe.debian],
        str(target),
        *recipe.sources,
    ]


def proxy_options(apt_config_dump: str) -> tuple[str, ...]:
    """A proxy that the machine's apt goes through is the hosts' too."""
    return tuple(re.findall(r"^(Acquire::https?::Proxy \"[^\"]+\");$", apt_config_dump, re.MULTILINE))


def recipe_for(debian: int) -> Recipe:
    if debian not in mirror.CODENAMES:
        raise HostsError(f"Debian {debian} is not known here, only {', '.join(map(str, mirror.CODENAMES))}.")
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return Recipe(debian, mirror.lines_for(debian, mirror.read(), codename), proxy_options(dump))


def ensure(debian: int) -> str:
    """The tag of the image, built now unless one with the same recipe is there."""
    recipe = recipe_for(debian)
    if docker.succeeds("image", "inspect", recipe.tag):
        return recipe.tag
    print(f"Building the image of a bare Debian {debian} host (once) ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="slipway-image-") as folder:
        archive = Path(folder, "root.tar")
        built = subprocess.run(mmdebstrap_argv(recipe, archive), capture_output=True, text=True, check=False)
        if built.returncode:
            raise HostsError(f"mmdebstrap failed:\n{built.stderr[-2000:]}")
        changes = ('CMD ["/lib/systemd/systemd"]', f"ENV PATH={PATH}")
        docker.run("import", *(f"--change={change}" for change in changes), str(archive), recipe.tag)
    return recipe.tag
