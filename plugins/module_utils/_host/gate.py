# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate: a commit becomes an artifact, a lock for each Python of the hosts, and signed records of its tests."""

from __future__ import annotations

import functools
import getpass
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import lockfile, testplan, wsgi
from ansible_collections.slipway.flask.plugins.module_utils._core import project as projects
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import truth
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import WsgiTarget
from ansible_collections.slipway.flask.plugins.module_utils._host import (
    export,
    gatecache,
    gitopen,
    pythons,
    signing,
    uv,
)
from ansible_collections.slipway.flask.plugins.module_utils._host.candidate import Candidate
from ansible_collections.slipway.flask.plugins.module_utils._host.gatecache import GateCache
from ansible_collections.slipway.flask.plugins.module_utils._host.gatelocks import Locksmith, Project
from ansible_collections.slipway.flask.plugins.module_utils._host.gaterecord import Record, Signer, described
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Commit
from ansible_collections.slipway.flask.plugins.module_utils._host.importcheck import APPLICATION
from ansible_collections.slipway.flask.plugins.module_utils._host.proof import Workshop, prove

PATIENCE_SECONDS = 600
Tell = Callable[[dict[str, Any]], None]

# Which variable each address of the module's options comes from.
_ADDRESSES = {APPLICATION: "wsgi", "tornado_handlers": "handlers", "celery_app": "celery"}


@dataclass(frozen=True)
class Order:
    """What the gate is asked for."""

    app_name: str
    source: str
    version: str
    subdir: str
    imports: Mapping[str, WsgiTarget]
    folders: Sequence[str]
    requirements: object
    extras: Sequence[str]
    install_project: bool | None
    packages: Sequence[str]
    pythons: Sequence[str]
    test: Mapping[str, Any]
    key: Path
    signer: str
    cache: GateCache
    environment: Mapping[str, str]

    @functools.cached_property
    def uv(self) -> uv.Uv:
        """Looked for once, and only when something is locked or installed."""
        return uv.find(self.environment, self.cache.tools)


def order(given: Mapping[str, Any]) -> Order:
    """From the options of the module, checked and with their defaults."""
    root = Path(given["cache_dir"]) if given["cache_dir"] else gatecache.default_root()
    same = ("source", "version", "subdir", "folders", "requirements", "extras", "packages", "test")
    return Order(
        **{key: given[key] for key in same},
        app_name=given["name"],
        imports={name: wsgi.parse(given[key]) for name, key in _ADDRESSES.items() if given[key]},
        install_project=None if given["install_project"] == "auto" else truth(given["install_project"]),
        pythons=given["pythons"] or [f"{sys.version_info[0]}.{sys.version_info[1]}"],
        key=Path(given["key_file"]),
        signer=given["signer"] or f"{getpass.getuser()}@{platform.node()}",
        cache=gatecache.GateCache(root, given["name"]),
        environment={key: str(value) for key, value in given["download_environment"].items()},
    )


def last_pythons(given: Mapping[str, Any]) -> list[str]:
    """The Pythons for which the gate has last tested this application; none where it never has."""
    return order(given).cache.last_pythons()


@dataclass
class Findings:
    """What the run has to tell besides its result."""

    plan: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def nobody(_early: dict[str, Any]) -> None:
    """Who does not want to know anything before the verdict."""


def run(order: Order, *, check: bool, tell: Tell = nobody) -> tuple[dict[str, Any], list[str]]:
    """Do it, or in check mode everything but the tests; return the module's results and its warnings.

    `tell` is given the locks, a path for each Python, as soon as they are there.
    """
    started = time.monotonic()
    findings = Findings()
    os.umask(0o022)  # another user has to read the environment and the drivers; what is private is in closed folders
    with order.cache.locked(PATIENCE_SECONDS + int(order.test.get("timeout") or 0)):
        repository = gitopen.open_source(order.source, order.version, order.cache.mirrors, order.environment)
        commit = repository.resolve(order.version, order.subdir)
        dirty = repository.dirty(order.subdir)
        if dirty:
            findings.warnings.append(f"ships commit {commit.commit[:10]}; not included: {_some(dirty)}")
        project = Project(repository, repository.entries(commit.tree), order.cache.fresh_work())
        projects.judge_folders(order.folders, [entry.path for entry in project.entries])
        installs = _installs(order, project)
        candidates = _candidates(order, project, commit, installs, findings)
        order.cache.remember_pythons(order.pythons)
        tell({"locks": {one.minor: str(one.lock) for one in candidates}})
        artifact, builds, signer = _builds(order, project, commit, candidates, findings, check)
        order.cache.prune()
    result = {
        **asdict(commit),
        "version": order.version,
        "repository": str(repository.folder),
        "dirty": dirty,
        "artifact": {**described(artifact), "size": artifact.stat().st_size},
        "builds": builds,
        "install_project": installs,
        "signer": {"name": signer.name, "public_key": signer.public_key},
        "plan": findings.plan,
        "changed": bool(findings.plan),
        "diff": {"before": "", "after": "".join(f"{line}\n" for line in findings.plan)},
        "seconds": round(time.monotonic() - started, 2),
    }
    return result, findings.warnings


def _installs(order: Order, project: Project) -> bool:
    module = order.imports[APPLICATION].module if APPLICATION in order.imports else ""
    return projects.installs(order.install_project, module, project.blobs, _pyproject(project))


def _pyproject(project: Project) -> str:
    return project.read("pyproject.toml") if "pyproject.toml" in project.blobs else ""


def _candidates(order: Order, project: Project, commit: Commit, installs: bool, findings: Findings) -> list[Candidate]:
    """A lock and a settled test plan for each Python."""
    packages = [*order.packages, *(projects.tools(_pyproject(project)) if installs else [])]
    needs = lockfile.choose(order.requirements, order.extras, packages, project.blobs)
    texts = {name: project.read(name) for name, _mark in testplan.PYTEST_SECTIONS if name in project.blobs}
    if not order.test.get("enabled", True):
        findings.warnings.append(
            "app_test.enabled is false: hosts refuse an untested build unless their policy allows it"
        )
    found = []
    for minor in order.pythons:
        interpreter = pythons.choose(minor)
        if interpreter.minor != minor:
            findings.warnings.append(
                f"no Python {minor} runs on the controller: the tests take {interpreter.version}. "
                f"Type: apt install python{minor}"
            )
        smith = Locksmith(project, order.cache.locks, lambda: order.uv, minor, interpreter)
        lock, locked = smith.lock(needs)
        pins = lockfile.pins(lock.read_text(encoding="utf-8"))
        plan = testplan.plan(order.test, texts, project.blobs, pins, cores=len(os.sched_getaffinity(0)))
        test_lock, _made = smith.test_lock(lock, plan.requirements if plan.enabled else ())
        if locked:
            findings.plan.append(f"lock {len(pins)} packages for Python {minor}")
        one = Candidate(order.app_name, commit, minor, interpreter, lock, test_lock, installs, plan, order.imports)
        found.append(one)
    return found


def _builds(
    order: Order, project: Project, commit: Commit, candidates: Sequence[Candidate], findings: Findings, check: bool
) -> tuple[Path, dict[str, Any], Signer]:
    """The artifact and each candidate's build: from the cache where a record of it holds, else tested now."""
    artifact = order.cache.artifacts / f"{commit.tree}.tar.gz"
    public = signing.public_key(order.key) if order.key.exists() else ""
    signer = Signer(order.key, order.signer, public)
    records = {one.minor: Record(order.cache.records / one.key) for one in candidates}
    builds = {one.minor: one.kept(records[one.minor], artifact, signer) for one in candidates}
    if not all(builds.values()):
        # The archive in the cache is not taken at its word: it is written again, from git.
        export.check(project.repository, project.entries, f"Commit {commit.commit[:10]} of {project.repository.name}")
        export.write_archive(project.repository, project.entries, artifact)
        builds = {one.minor: one.kept(records[one.minor], artifact, signer) for one in candidates}
    for one in [candidate for candidate in candidates if not builds[candidate.minor]]:
        what = "run the tests" if one.plan.enabled else "make an untested build"
        findings.plan.append(f"{what} of {commit.commit[:10]} ({commit.subject}) on Python {one.interpreter.version}")
        if check:
            builds[one.minor] = one.outline()
            continue
        signer = Signer(order.key, order.signer, signing.ensure_key(order.key))
        shop = Workshop(order.cache, project, artifact, signer, lambda: order.uv)
        builds[one.minor] = prove(shop, one, records[one.minor], findings.warnings)
    return artifact, builds, signer


def _some(paths: Sequence[str], most: int = 20) -> str:
    return ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")
