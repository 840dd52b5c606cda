# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything one inventory needs to ship: hosts, variables, a project, and a gate apart from the user's own."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests import hosts
from tests.hosts import Host, HostSet

from .play import LIMIT, Playing, Run
from .probe import ask
from .project import ROOT, Project

DEMO = ROOT / "inventories" / "demo" / "group_vars" / "all.yml"
LOGS = ROOT / "build" / "log" / "ship"
APP = "blog"
# variables of all runs, as JSON: to try the same tests with another setting, such as {"step_cache": false}
EVERYWHERE: dict[str, Any] = json.loads(os.environ.get("SLIPWAY_TEST_VARIABLES", "{}"))


class Ground:
    """A set of hosts and an inventory of the blog over them. Files are below `folder`, outputs in build/log/ship."""

    def __init__(self, folder: Path, wanted: HostSet, project: Project, variables: Mapping[str, Any]) -> None:
        self.folder, self.wanted, self.name, self.project = folder, wanted, wanted.name, project
        self.secret = secrets.token_urlsafe(32)
        self.key = folder / "gate_key"
        self.cache = folder / "cache"
        self.hosts = hosts.up(wanted)
        self.where = hosts.folder(wanted.name)  # the inventory of hosts and groups
        self._runs = 0
        folder.mkdir(mode=0o711, exist_ok=True)
        self.describe(**variables)

    @property
    def host(self) -> Host:
        return self.hosts[0]

    @property
    def url(self) -> str:
        return self.host.url

    def describe(self, **variables: Any) -> None:
        """Write the inventory: what is usual here, with these variables over it."""
        own = {"app_source": str(self.project.folder), "gate_key_file": str(self.key)}
        described = self.usual() | EVERYWHERE | own | variables
        path = self.folder / "inventory" / "group_vars" / "all.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(described, indent=1))
        path.parent.with_name("hosts.yml").write_text("all: {}\n")

    def regroup(self, old: str, new: str) -> None:
        """What its user does to move the hosts: they stand under another group."""
        path = self.where / "hosts.yml"
        path.write_text(path.read_text().replace(f"{old}:", f"{new}:"))

    def place(self, **groups: tuple[int, ...]) -> None:
        """The same for single hosts: these groups have these hosts now, by their numbers."""
        path = self.where / "hosts.yml"
        content = yaml.safe_load(path.read_text())
        for name, numbers in groups.items():
            members: dict[str, Any] = {self.wanted.host_names[number - 1]: {} for number in numbers}
            content["all"]["children"][name] = {"hosts": members}
        path.write_text(yaml.safe_dump(content))

    def usual(self) -> dict[str, Any]:
        """The demo's description of the blog."""
        return {**yaml.safe_load(DEMO.read_text()), "app_secrets": {"SECRET_KEY": self.secret}}

    def start(
        self,
        playbook: str,
        *arguments: str,
        extra: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Playing:
        """Begin a run. `playbook` is a name in the collection or a path; `extra` are extra variables."""
        self._runs += 1
        log = LOGS / self.name / f"{self.folder.name}-{self._runs:03}-{Path(playbook).stem}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.with_suffix(".json").unlink(missing_ok=True)
        argv, own = self.command(playbook, *arguments)
        if extra:
            argv += ["--extra-vars", json.dumps(extra)]
        return Playing(argv, own | dict(environment or {}), log)

    def command(self, playbook: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """What to type for a run, and in which environment."""
        target = playbook if "/" in playbook else f"slipway.flask.{playbook}"
        sources = ["-i", str(self.folder / "inventory"), "-i", str(self.where)]
        return ["ansible-playbook", target, *sources, *arguments], self._environment()

    def play(
        self,
        playbook: str,
        *arguments: str,
        extra: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        limit: float = LIMIT,
    ) -> Run:
        """A whole run."""
        return self.start(playbook, *arguments, extra=extra, environment=environment).wait(limit)

    def answer(self, path: str) -> str:
        """What a visitor gets."""
        return ask(self.url + path)

    def live(self) -> str:
        """The commit that the site says it runs."""
        return str(json.loads(self.answer("/version"))["commit"])

    def _environment(self) -> dict[str, str]:
        return {
            "SLIPWAY_GATE_CACHE": str(self.cache),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": os.environ["PATH"],
        }
