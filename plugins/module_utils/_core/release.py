# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to happen on a host until it serves the wanted activation. Pure: found + wanted -> steps, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Act = Literal[
    "verify", "unpack", "install", "set", "load", "init", "migrate", "try", "switch", "roll", "confirm", "tidy"
]

PREPARING: tuple[Act, ...] = ("verify", "unpack", "install", "set", "load")
MIGRATING: tuple[Act, ...] = ("init", "migrate")
ACTIVATING: tuple[Act, ...] = ("switch", "roll")
# what may go on beside migrating, where nobody else has to agree between two acts
BESIDE: tuple[Act, ...] = ("load", "try")


@dataclass(frozen=True)
class Step:
    """One thing to do; `subject` says to what, `text` says it to a person."""

    act: Act
    text: str
    subject: str = ""


@dataclass(frozen=True)
class Migrating:
    """Whether migrations may take something away, and whether a database of ours is dumped before them."""

    destructive: bool = False
    dump: bool = True


@dataclass(frozen=True)
class Wanted:
    """What a host shall serve. `leader`: this host runs the commands that run once for the whole fleet."""

    release: str
    activation: str
    venv: str
    digests: Mapping[str, str]
    leader: bool = True
    init_commands: tuple[str, ...] = ()
    migrate_commands: tuple[str, ...] = ()
    migrating: Migrating = Migrating()


@dataclass(frozen=True)
class Found:
    """What a host has and does now.

    `slots` maps each slot of each program (`web:1`) to the generation it runs, `""` when it is down;
    `digests` of Wanted maps a program to the digest of its definition. `begun` are the init commands that have run,
    of an app that is not yet `initialised`: one after them failed. `attempted`: the first of them was begun.
    """

    releases: frozenset[str] = frozenset()
    venvs: frozenset[str] = frozenset()
    activations: frozenset[str] = frozenset()
    current: str | None = None
    confirmed: frozenset[str] = frozenset()
    initialised: bool = False
    migrated: frozenset[str] = frozenset()
    slots: Mapping[str, str] = field(default_factory=dict)
    begun: tuple[str, ...] = ()
    attempted: bool = False


def generation(activation: str, digest: str) -> str:
    """What a slot says it runs: the activation and the definition of its program."""
    return f"{activation}/{digest}"


def plan(wanted: Wanted, found: Found) -> tuple[Step, ...]:
    """Everything between `found` and a confirmed `wanted`, in order; empty when nothing is left to do."""
    prepare = _prepare(wanted, found)
    activate = _activate(wanted, found)
    unproven = bool(activate or wanted.activation not in found.confirmed)
    commands = _migrate(wanted, found) if unproven else ()
    trial = (Step("try", f"start {wanted.activation} on a private socket and ask it"),) if activate else ()
    confirm = (Step("confirm", f"confirm {wanted.activation}"),) if prepare or unproven else ()
    return (*prepare, *commands, *trial, *activate, *confirm)


def only(steps: tuple[Step, ...], acts: tuple[Act, ...]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.act in acts)


def _prepare(wanted: Wanted, found: Found) -> tuple[Step, ...]:
    steps: list[Step] = []
    if wanted.release not in found.releases:
        steps.append(Step("verify", "verify the signed record of the tests"))
        if wanted.venv not in found.venvs:
            steps.append(Step("install", f"install the locked packages ({wanted.venv})", wanted.venv))
        steps.append(Step("unpack", f"unpack release {wanted.release}", wanted.release))
    elif wanted.venv not in found.venvs:
        steps.append(Step("install", f"install the locked packages ({wanted.venv})", wanted.venv))
    if wanted.activation not in found.activations:
        steps.append(Step("set", f"write environment {wanted.activation}", wanted.activation))
    if wanted.activation != found.current and wanted.activation not in found.confirmed:
        steps.append(Step("load", f"load {wanted.activation} once"))
    return tuple(steps)


def _migrate(wanted: Wanted, found: Found) -> tuple[Step, ...]:
    if not wanted.leader:
        return ()
    # what ran may destroy when it runs again
    done = len(found.begun) if wanted.init_commands[: len(found.begun)] == found.begun else 0
    init = [] if found.initialised else [Step("init", command, command) for command in wanted.init_commands[done:]]
    migrate = (
        []
        if wanted.release in found.migrated
        else [Step("migrate", command, command) for command in wanted.migrate_commands]
    )
    return (*init, *migrate)


def _activate(wanted: Wanted, found: Found) -> tuple[Step, ...]:
    steps: list[Step] = []
    if found.current != wanted.activation:
        steps.append(Step("switch", f"switch current from {found.current or 'nothing'} to {wanted.activation}"))
    for slot, running in sorted(found.slots.items()):
        program = slot.partition(":")[0]
        if running != generation(wanted.activation, wanted.digests.get(program, "")):
            steps.append(Step("roll", f"restart {slot}", slot))
    return tuple(steps)
