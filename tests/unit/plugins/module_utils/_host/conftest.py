# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app whose folders all lie in a temporary one, and a host that has no supervisord but behaves as if."""

from __future__ import annotations

import fcntl
import getpass
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import acts, health, history, session, state
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, Front, Program
from ansible_collections.slipway.flask.plugins.module_utils._host.supervisor import UnixConnection
from tests.unit.plugins.module_utils._host.tiny_heroku import Tiny


@dataclass(frozen=True)
class Here(Layout):
    """Every folder of the app below its root."""

    @property
    def config(self) -> PurePosixPath:
        return self.root / "etc"

    @property
    def state(self) -> PurePosixPath:
        return self.root / "state"

    @property
    def run(self) -> PurePosixPath:
        return self.root / "run"

    @property
    def log(self) -> PurePosixPath:
        return self.root / "log"


class Supervisor:
    """supervisord and the launcher: a slot that starts runs what `current` points to, the trial `candidate`, and the
    holder what a deploy keeps written down in a locked file."""

    def __init__(self, layout: Layout, digest: str) -> None:
        self._layout, self._digest = layout, digest
        self.pids: dict[str, int] = {}
        self.generations: dict[int, str] = {}

    def processes(self) -> dict[str, dict[str, Any]]:
        for holder in [name for name in self.pids if name.endswith(":0") and self.running(name)]:
            if not self._wanted() and not self._file.read_text(encoding="utf-8").endswith(" admitted"):
                self.start(holder)
        return {name: {"pid": pid} for name, pid in self.pids.items()}

    def process(self, process: str) -> dict[str, Any]:
        return {"pid": self.pids.get(process, 0)}

    def start(self, process: str) -> None:
        link = self._layout.candidate if process.endswith(":trial") else self._layout.current
        pid = self.pids[process] = len(self.generations) + 1
        activation = self._wanted() if process.endswith(":0") else state.linked(link)
        self.generations[pid] = f"{activation}/{self._digest}" if activation else ""

    def end(self, process: str) -> None:
        self.pids[process] = 0

    def stop(self, process: str, wake: str = "") -> None:
        self.end(process)

    @property
    def _file(self) -> Path:
        return Path(self._layout.stand_in)

    def _wanted(self) -> str:
        """What the holder is to run; `""` where nobody keeps the file locked."""
        if not self._file.exists():
            return ""
        with self._file.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read()
        return ""

    def running(self, process: str) -> str:
        """The activation that a process runs; `""` for one that only holds the socket, or is down."""
        return self.generations.get(self.pids.get(process, 0), "").partition("/")[0]


@dataclass
class Host:
    """`sick` activations answer 500; the site fails with `site_down`."""

    app: App
    supervisor: Supervisor
    sick: set[str] = field(default_factory=set)
    site_down: bool = False
    number: int = 0
    latest: Run | None = None

    @property
    def live(self) -> str | None:
        return state.linked(self.app.layout.current)

    @property
    def slots(self) -> set[str]:
        return {self.supervisor.running(name) for program in self.app.programs for name in program.names()}

    def ship(self, activation: str, **commands: tuple[str, ...]) -> None:
        """What `prepared` leaves on the host."""
        release = f"release-{activation}"
        layout = self.app.layout
        about = {"release": release, "venv": f"venv-{activation}", "health_path": "/", "host": "localhost"}
        about |= {"init_commands": (), "migrate_commands": (), "secret_names": [], **commands}
        texts = {
            layout.venvs / about["venv"] / ".complete": "",
            layout.releases / release / "release.json": state.dumps({"commit": activation, "artifact": "0" * 64}),
            layout.activations / activation / "environment.json": "{}",
            layout.activations / activation / "activation.json": state.dumps(about),
        }
        for path, text in texts.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text, encoding="utf-8")

    def new_run(self, act: str = "deploy") -> Run:
        """A run of this controller, whose earlier ones are dead."""
        self.number += 1
        dead = tuple(f"run {number}" for number in range(1, self.number))
        self.latest = Run(f"run {self.number}", "me", "here", self.number, act, dead)
        return self.latest

    def act(self, run: Run, wanted: str, activation: str | None = None, **options: Any) -> dict[str, Any]:
        rest = {"name": "blog", "to": None, "leader": True, "reason": "failed", "bundle": None, "then": []}
        rest |= {"migrating": {}, "newer_schema": False}
        return session.perform(
            {**rest, "state": wanted, "activation": activation, **options}, run, check=False, hide=lambda _: None
        )

    def begin(self, run: Run, activation: str) -> None:
        """What `prepared` takes."""
        acts.locking.take(self.app, run, work={"commit": activation})

    def told(self) -> list[tuple[str, str, str]]:
        """The history: act, commit and outcome of each run."""
        return [(row["act"], row["commit"], row["outcome"]) for row in history.read(self.app.layout)]

    def deploy(self, activation: str, run: Run | None = None, alone: bool = False) -> None:
        """What the play does once the release is on the host: act by act, or `alone` in one call."""
        run = run or self.new_run()
        self.begin(run, activation)
        if alone:
            self.act(run, "migrated", activation, then=["tried", "activated", "confirmed"])
            return
        for wanted in ("migrated", "tried", "activated", "confirmed"):
            self.act(run, wanted, activation)

    def roll_back(self, to: str | None = None) -> None:
        run = self.new_run("rollback")
        chosen = self.act(run, "selected", to=to)
        if chosen["pending"]:
            for wanted in ("tried", "activated", "confirmed"):
                self.act(run, wanted, chosen["activation"])

    def answer(self, connect: health.Connect, *_rest: object) -> tuple[int, str, str]:
        connection = connect(1.0)
        if isinstance(connection, UnixConnection):
            process = Path(connection._path).stem.replace("-", ":")
            process = f"trial-{process}" if process.endswith(":trial") else process
            running = {self.supervisor.running(process)}
        else:
            running = {"", *self.slots} if self.site_down else self.slots
        if "" in running:
            return 0, "", "ConnectionRefusedError"
        return (500, "", "500: oh no") if running & self.sick else (200, "", "200 OK: well")


FOLDERS = ("etc", "state", "run/slots", "log", "releases", "venvs", "activations", "shared")


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., App]:
    def make(name: str = "root", **changes: Any) -> App:
        root = tmp_path / name
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True)
        layout = Here("blog", PurePosixPath(root))
        me = getpass.getuser()
        parts: dict[str, Any] = {
            "layout": layout,
            "user": me,
            "build_user": me,
            "keep": 2,
            "untested_allowed": False,
            "front": Front(),
            "programs": (Program("web", 2, "digest", 5.0, 1),),
            "supervisor": Supervisor(layout, "digest"),
        }
        return App(**parts | changes)

    return make


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app()


@pytest.fixture
def make_host(make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Host]]:
    """Hosts one after the other; the last one made is the one that modules see."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(health.time, "sleep", lambda _: None)
    monkeypatch.setattr(health, "UNWELL_SECONDS", 0)
    monkeypatch.setattr(acts.bundle, "verify_release", lambda *_: None)
    mask = os.umask(0o022)

    def make(name: str, **changes: Any) -> Host:
        app = make_app(name, **changes)
        supervisor: Any = app.supervisor
        host = Host(app, supervisor)
        monkeypatch.setattr(session.apps, "required", lambda _: app)
        monkeypatch.setattr(
            apps, "environment_of", lambda pid: {"SLIPWAY_GENERATION": supervisor.generations.get(pid, "")}
        )
        monkeypatch.setattr(health, "_once", host.answer)
        for program in app.programs:
            for name in program.names():
                supervisor.start(name)
        return host

    yield make
    os.umask(mask)


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Host:
    return make_host("root")


@pytest.fixture
def tiny() -> Iterator[Tiny]:
    made = Tiny()
    yield made
    made.close()
