# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One app as it lives on this host: its settings, its programs, and what they run now."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import HOLDER, LAUNCHER, Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Found
from ansible_collections.slipway.flask.plugins.module_utils._host import state, venv
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Connect, at, through
from ansible_collections.slipway.flask.plugins.module_utils._host.supervisor import Supervisor, environment_of

TRIAL = "trial"


@dataclass(frozen=True)
class Program:
    """A definition as `/etc/slipway/APP/programs/NAME.json` holds it; the slots are `1` to `slots`."""

    name: str
    slots: int
    digest: str
    ready_seconds: float
    processes: int = 1
    port: int = 0
    background: bool = False
    wake: str = ""  # the signal with which it notices that all of its processes have ended
    own: bool = False  # its command is the activation's (app_programs)

    def names(self) -> list[str]:
        return [f"{self.name}:{number}" for number in range(1, self.slots + 1)]

    @property
    def holder(self) -> str:
        """The slot that keeps the socket open; a program without one has none."""
        return "" if self.background or self.port else f"{self.name}:{HOLDER}"

    def reach(self, layout: Layout, slot: str) -> Connect:
        """The way to one slot alone; TRIAL is one, too."""
        number = slot.partition(":")[2]
        if self.port:
            return at("127.0.0.1", self.port + (0 if number == TRIAL else int(number)))
        return through(layout.slot_socket(self.name, number))


@dataclass(frozen=True)
class Front:
    """Where the site of the app is asked, as the site's own setup wrote it down."""

    port: int = 80
    certificate: str = ""  # the file that is served; empty without TLS
    unit: str = "nginx.service"  # the front server; empty when visitors reach the app's own server

    @property
    def scheme(self) -> str:
        return "https" if self.certificate else "http"


@dataclass(frozen=True)
class App:
    """What the setup of this host wrote down about the app, with the ways to reach its parts."""

    layout: Layout
    user: str
    build_user: str
    keep: int
    untested_allowed: bool
    front: Front
    programs: tuple[Program, ...]
    supervisor: Supervisor

    @property
    def serves(self) -> bool:
        """Whether this host has a server of the app, and not only what works behind one."""
        return any(not program.background for program in self.programs)

    @property
    def digests(self) -> dict[str, str]:
        return {program.name: program.digest for program in self.programs}

    def launcher(self, activation: str, *argv: str) -> list[str]:
        """The command that runs `argv` in an activation, with its environment."""
        return ["/usr/bin/python3", "-I", LAUNCHER, self.layout.name, "exec", activation, *argv]


def load(name: str) -> App | None:
    """The app `name`; None when this host has not been set up for it."""
    config = Path("/etc/slipway") / name
    row = state.read(config / "app.json")
    if row is None:
        return None
    layout = Layout.of(name, row["root"])
    rows = [state.read(path) for path in (config / "programs").glob("*.json")]
    programs = tuple(_program(row) for row in sorted(rows, key=lambda row: row["order"]))
    supervisor = Supervisor(name, layout.run / "supervisor.sock")
    settings = {key: row[key] for key in ("user", "build_user", "keep", "untested_allowed")}
    front = Front(**(state.read(config / "site.json") or {}))
    return App(layout=layout, programs=programs, supervisor=supervisor, front=front, **settings)


def required(name: str) -> App:
    app = load(name)
    if app is None:
        raise SlipwayError(
            f"This host is not set up for {name}: there is no /etc/slipway/{name}/app.json."
            " Run: ansible-playbook slipway.flask.setup -i INVENTORY"
        )
    return app


def judge_programs(app: App, wanted: Iterable[str]) -> None:
    """Which programs there are, setup wrote down; their commands came with the release."""
    there, asked = ({*names} for names in ((program.name for program in app.programs if program.own), wanted))
    if there != asked:
        raise SlipwayError(
            f"app_programs has {_named(asked)}, and this host is set up for {_named(there)}."
            " Run: ansible-playbook slipway.flask.site -i INVENTORY"
        )


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def observe(app: App) -> Found:
    """What the host has and does now, for the planner."""
    layout = app.layout
    ledger = state.ledger(layout)
    markers = state.read(layout.state / "markers.json") or {}
    return Found(
        releases=_names(layout.releases),
        venvs=venv.present(Path(layout.venvs)),
        activations=_names(layout.activations),
        current=state.linked(layout.current),
        confirmed=frozenset(entry.activation for entry in ledger.good()),
        initialised=bool(markers.get("initialised")),
        migrated=frozenset(markers.get("migrated", ())),
        slots=running(app),
        attempted=bool(markers.get("attempted")),
        begun=tuple(markers.get("begun", ())),
    )


def running(app: App) -> dict[str, str]:
    """The generation each slot runs; empty for one that is down or never had a release."""
    processes = app.supervisor.processes()
    return {name: _generation(processes.get(name, {})) for program in app.programs for name in program.names()}


def standing_in(app: App) -> dict[str, str]:
    """The generation that each holder runs which stands in for the slots of its program."""
    processes = app.supervisor.processes()
    found = {name: _generation(processes.get(name, {})) for name in (program.holder for program in app.programs)}
    return {name: runs for name, runs in found.items() if runs}


def mark(
    app: App, initialised: bool = False, attempted: bool = False, begun: str | None = None, migrated: str | None = None
) -> None:
    """Remember that commands which run once have run."""
    path = app.layout.state / "markers.json"
    markers: dict[str, Any] = state.read(path) or {}
    if begun:
        markers["begun"] = [*markers.get("begun", ()), begun]
    if attempted:
        markers["attempted"] = True
    if initialised:
        markers["initialised"] = True
    if migrated:
        markers["migrated"] = sorted({*markers.get("migrated", ()), migrated})
    state.write(path, state.dumps(markers))


def services(layout: Layout) -> dict[str, str]:
    """The variables with which the app finds its services; secret."""
    files = sorted(Path(layout.services).glob("*.json"))
    return {name: value for path in files for name, value in (state.read(path) or {}).items()}


def salt(layout: Layout, keep: bool = True) -> bytes:
    """The key of this host under which secret values enter names; made on first use, and kept unless only asked."""
    path = Path(layout.state / "salt")
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    value = secrets.token_bytes(32)
    if keep:
        state.write(path, value)
    return value


def _program(row: Mapping[str, Any]) -> Program:
    return Program(
        row["name"],
        int(row["slots"]),
        row["digest"],
        float(row["ready_seconds"]),
        int(row.get("processes", 1)),
        port=int(row["port"]),
        background=bool(row["background"]),
        wake=row.get("wake_signal", ""),
        own=not row["argv"],
    )


def _generation(process: Mapping[str, Any]) -> str:
    pid = process.get("pid") or 0
    return environment_of(pid).get("SLIPWAY_GENERATION", "") if pid else ""


def _names(folder: Any) -> frozenset[str]:
    """The finished entries of a folder: work in progress begins with a dot."""
    try:
        return frozenset(path.name for path in Path(folder).iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return frozenset()
