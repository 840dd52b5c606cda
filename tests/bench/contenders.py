# SPDX-License-Identifier: GPL-3.0-or-later
"""Who competes: how each is told to make a bare host serve, to bring the next commit, and to find nothing to do."""

from __future__ import annotations

import json
import os
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import hosts
from tests.hosts import Host, HostSet, keys, machine
from tests.ship import inside
from tests.ship.ground import Ground
from tests.ship.project import ROOT, Project

from . import timeline

HERE = Path(__file__).parent
PEERS = ROOT / "build" / "peers"
LOGS = ROOT / "build" / "log" / "bench"
LIMIT = 900
# an environment in which Ansible uses Mitogen
STRATEGY = {
    "ANSIBLE_STRATEGY": "mitogen_linear",
    "ANSIBLE_STRATEGY_PLUGINS": str(PEERS / "mitogen" / "ansible_mitogen" / "plugins" / "strategy"),
    "PYTHONPATH": str(PEERS / "mitogen"),
}

Figures = dict[str, float]


def downloads() -> dict[str, str]:
    """The environment in which this machine and its hosts reach a package index."""
    found = machine.inventory_variables().get("base_download_environment", {})
    assert isinstance(found, dict)
    return found


class Contender(ABC):
    """A tool, and a host of its own that is bare again after `begin`."""

    name: str
    host: Host
    unable: frozenset[str] = frozenset()  # cases that are not its own doing
    further: tuple[str, ...] = ()  # what else it is asked to do

    def __init__(self, project: Project) -> None:
        self.project = project

    @property
    def set_name(self) -> str:
        return f"bench-{self.name}"

    def begin(self, folder: Path) -> None:
        wanted = HostSet(self.set_name, 1, 12)
        hosts.down(wanted.name)
        (self.host,) = hosts.up(wanted)
        inside.trust(self.host)
        self.prepare(folder)

    def end(self) -> None:
        hosts.down(self.set_name)

    def do(self, what: str) -> Figures:
        """`bare`, `commit` or `idle`, to its end; what it says is kept in build/log/bench."""
        LOGS.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        with (LOGS / f"{self.name}-{what}.log").open("wb") as log:
            argv, cwd, environment = self.command(what)
            subprocess.run(
                argv, cwd=cwd, env=os.environ | environment, stdout=log, stderr=log, check=True, timeout=LIMIT
            )
        return {"seconds": time.monotonic() - begun}

    @abstractmethod
    def prepare(self, folder: Path) -> None:
        """What a user of the tool has done once; it is not timed."""

    @abstractmethod
    def command(self, what: str) -> tuple[Sequence[str], Path, Mapping[str, str]]:
        """What he types, where, and in which environment."""


class Ours(Contender):
    name = "ours"
    further = ("rollback", "status")
    extra: Mapping[str, object] = {}

    def prepare(self, folder: Path) -> None:
        self._ground = Ground(folder / self.name, HostSet(self.set_name, 1, 12), self.project, {})
        # whoever ships has tested before: the environment of the tests is there, as it is for Fabric's
        self._ground.cache = folder.parent / f"gate-of-{self.name}"

    def command(self, what: str) -> tuple[Sequence[str], Path, Mapping[str, str]]:
        playbook = {"bare": "site", "commit": "deploy", "idle": "site"}.get(what, what)
        argv, environment = self._ground.command(playbook, "--extra-vars", json.dumps(self.extra))
        return argv, ROOT, environment | {"SLIPWAY_STEPS_FILE": str(self._steps(what))}

    def do(self, what: str) -> Figures:
        (seconds,) = super().do(what).values()
        return timeline.figures(json.loads(self._steps(what).read_text()), seconds)

    def _steps(self, what: str) -> Path:
        return LOGS / f"{self.name}-{what}.json"


class Uncached(Ours):
    """The same, and each step sends the host all it needs."""

    name = "uncached"
    extra = {"step_cache": False}


class Mitogen(Ours):
    """Ours under Mitogen's strategy. It cannot reach a host without Python, so a bare one is set up without it."""

    name = "mitogen"
    unable = frozenset(["bare_to_live"])

    def do(self, what: str) -> Figures:
        found = super().do(what)
        past_the_count = ("remote_steps", "kinds")
        return {} if what == "bare" else {key: value for key, value in found.items() if key not in past_the_count}

    def command(self, what: str) -> tuple[Sequence[str], Path, Mapping[str, str]]:
        argv, cwd, environment = super().command(what)
        if what == "bare":
            return argv, cwd, environment
        return argv, cwd, {**environment, **STRATEGY}


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
        return [str(PEERS / "bin" / "fab"), "-r", str(HERE / "peers"), *target, "setup" if what == "bare" else "deploy"]


class Pyinfra(Peer):
    name = "pyinfra"

    def typed(self, what: str) -> Sequence[str]:
        data = {
            "ssh_user": "root",
            "ssh_port": self.host.ssh_port,
            "ssh_key": keys.KEY,
            "ssh_known_hosts_file": keys.folder(self.set_name) / "known_hosts",
        }
        given = [word for name, value in data.items() for word in ("--data", f"{name}={value}")]
        return [str(PEERS / "bin" / "pyinfra"), "-y", *given, "127.0.0.1", str(HERE / "peers" / "pyinfra_deploy.py")]
