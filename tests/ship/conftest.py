# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts live as long as the tests of their file, since making them ready is most of the time; the one that most files
ship to lives as long as the session. Each test leaves the site well."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from tests import hosts
from tests.hosts import HostSet

from .commits import QUICK
from .ground import Ground
from .play import Run
from .project import Project

# What the first run does is looked at before anything else happens to its host; and what takes long begins early, or
# one process of two would wait for the other.
EARLY = ("test_first_ship.py", "test_stacks.py", "test_tasks.py", "test_database.py", "test_backup.py", "test_moves.py")
DEBIAN = int(os.environ.get("SLIPWAY_DEBIAN", "12"))
KEEP = os.environ.get("SLIPWAY_KEEP", "")
# each process of a run that is spread over several has hosts of its own
OWN = "".join(f"-{part}" for part in (KEEP, os.environ.get("PYTEST_XDIST_WORKER")) if part)


@dataclass(frozen=True)
class Shipped:
    """A ground whose host was bare, and the run of `site` that ended that."""

    ground: Ground
    first: Run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: number for number, name in enumerate(EARLY)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def claimed(name: str) -> IO[str]:
    """Nobody else's tests on this machine, of another checkout neither, may end these hosts; held while it is open."""
    claim = Path(tempfile.gettempdir(), f"slipway-{name}.lock").open("w")  # noqa: SIM115 - as long as the session
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claim.close()
        pytest.exit(f"Other tests on this machine have the hosts {name}. Wait for them, or type SLIPWAY_KEEP=NAME.")
    return claim


@pytest.fixture(scope="session")
def workshop() -> Iterator[Path]:
    """A folder that every account can reach through: the gate tests in it, as another user."""
    folder = Path(tempfile.gettempdir(), f"slipway{OWN}") if KEEP else Path(tempfile.mkdtemp(prefix="slipway-ship-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    yield folder
    if not KEEP:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def project(workshop: Path) -> Project:
    return Project(workshop / "project")


@contextmanager
def grounds(workshop: Path, usual: Project) -> Iterator[Callable[..., Ground]]:
    """What makes grounds; their hosts end with it."""
    made: dict[str, IO[str]] = {}

    def make(
        name: str,
        count: int = 1,
        *,
        project: Project = usual,
        debian: int = DEBIAN,
        stack: str = "nginx_uwsgi",
        groups: Mapping[str, tuple[int, ...]] | None = None,
        **variables: Any,
    ) -> Ground:
        called = f"{name}{OWN}"
        made[called] = claimed(called)
        if not KEEP:
            hosts.down(called)
        return Ground(workshop / name, HostSet(called, count, debian, groups=groups or {stack: ()}), project, variables)

    try:
        yield make
    finally:
        for called, claim in made.items():
            if not KEEP:
                hosts.down(called)
            claim.close()


@pytest.fixture(scope="module")
def ground(workshop: Path, project: Project) -> Iterator[Callable[..., Ground]]:
    """Make a ground of one's own: ground("faults", 2, app_keep_releases=3). Its hosts end with the file's tests: a
    kernel has inotify instances for some twenty of them."""
    with grounds(workshop, project) as make:
        yield make


@pytest.fixture(scope="session")
def shipped(workshop: Path, project: Project) -> Iterator[Shipped]:
    """The blog on a host that was bare."""
    with grounds(workshop, project) as make:
        here = make("ship", **QUICK)
        # a host that was kept may have an older definition of the app's server
        yield Shipped(here, here.play("site", extra={"supervisor_interrupt": True} if KEEP else None).good())


@pytest.fixture(scope="session")
def shipped_ground(shipped: Shipped) -> Ground:
    return shipped.ground


@pytest.fixture
def here(shipped: Shipped) -> Iterator[Ground]:
    """The same ground for a test that ships further commits; the project is as it was afterwards."""
    shipped.ground.describe(**QUICK)
    yield shipped.ground
    shipped.ground.project.reset()
