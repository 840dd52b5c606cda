# SPDX-License-Identifier: GPL-3.0-or-later
"""Who competes: how each is told to make a bare host serve, to bring the next commit, and to find nothing to do."""

from __future__ import annotations

import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import hosts
from tests.hosts import Host, HostSet, keys, machine
from tests.ship.ground import Ground
from tests.ship.project import ROOT, Project

HERE = Path(__file__).parent
PEERS = ROOT / "build" / "peers" / "bin"
LOGS = ROOT / "build" / "log" / "bench"
LIMIT = 900


def downloads() -> dict[str, str]:
    """The environment in which this machine and its hosts reach a package index."""
    found = machine.inventory_variables().get("base_download_environment", {})
    assert isinstance(found, dict)
    return found


class Contender(ABC):
    """A tool, and a host of its own that is bare again after `begin`."""

    name: str
    host: Host

    def __init__(self, project: Project) -> None:
        self.project = project

    def begin(self, folder: Path) -> None:
        wanted = HostSet(f"bench-{self.name}", 1, 12)
        hosts.down(wanted.name)
        (self.host,) = hosts.up(wanted)
        self._trust()
        self.prepare(folder)

    def _trust(self) -> None:
        """The host trusts what this machine trusts, before the clock runs; under the names that ours would give."""
        for path in map(Path, machine.certificates()):
            target = f"/usr/local/share/ca-certificates/slipway-{path.stem}.crt"
            hosts.execute(self.host, "sh", "-c", f"cat >{target}", stdin=path.read_bytes())
        hosts.execute(self.host, "update-ca-certificates")

    def end(self) -> None:
        hosts.down(f"bench-{self.name}")

    def do(self, what: str) -> None:
        """`bare`, `commit` or `idle`, to its end; what it says is kept in build/log/bench."""
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / f"{self.name}-{what}.log").open("wb") as log:
            argv, cwd, environment = self.command(what)
            subprocess.run(
                argv, cwd=cwd, env=os.environ | environment, stdout=log, stderr=log, check=True, timeout=LIMIT
            )

    @abstractmethod
    def prepare(self, folder: Path) -> None:
        """What a user of the tool has done once; it is not timed."""

    @abstractmethod
    def command(self, what: str) -> tuple[Sequence[str], Path, Mapping[str, str]]:
        """What he types, where, and in which environment."""


class Ours(Contender):
    name = "ours"

    def prepare(self, folder: Path) -> None:
        self._ground = Ground(folder / self.name, HostSet("bench-ours", 1, 12), self.project, {})

    def command(self, what: str) -> tuple[Sequence[str], Path, Mapping[str, str]]:
        argv, environment = self._ground.command("deploy" if what == "commit" else "site")
        return argv, ROOT, environment


class Peer(Contender):
    """A tool that pulls the code on the host, from `repository`, and tests it with `python` if it tests at all."""

    def __init__(self, project: Project, repository: str, python: Path) -> None:
        super().__init__(project)
        self._repository, self._python = repository, python

    def prepare(self, folder: Path) -> None:
        """Nothing: its recipe is all there is."""

    def command(self, what: str) -> tuple[Sequence[str], Path, Mapping[str, str]]:
        needs = {"PIP_CERT": "/etc/ssl/certs/ca-certificates.crt", **downloads()}
        environment = {
            **needs,
            "BENCH_EXPORTS": " ".join([*needs, "BENCH_REPOSITORY"]),
            "BENCH_REPOSITORY": self._repository,
            "BENCH_PYTHON": str(self._python),
        }
        return self.typed(what), self.project.folder / self.project.subdir, environment

    @abstractmethod
    def typed(self, what: str) -> Sequence[str]: ...


class Fabric(Peer):
    name = "fabric"

    def typed(self, what: str) -> Sequence[str]:
        target = ["-H", f"root@127.0.0.1:{self.host.ssh_port}", "-i", str(keys.KEY)]
        return [str(PEERS / "fab"), "-r", str(HERE / "peers"), *target, "setup" if what == "bare" else "deploy"]


class Pyinfra(Peer):
    name = "pyinfra"

    def typed(self, what: str) -> Sequence[str]:
        data = {
            "ssh_user": "root",
            "ssh_port": self.host.ssh_port,
            "ssh_key": keys.KEY,
            "ssh_known_hosts_file": keys.folder(f"bench-{self.name}") / "known_hosts",
        }
        given = [word for name, value in data.items() for word in ("--data", f"{name}={value}")]
        return [str(PEERS / "pyinfra"), "-y", *given, "127.0.0.1", str(HERE / "peers" / "pyinfra_deploy.py")]
