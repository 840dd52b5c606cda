# SPDX-License-Identifier: GPL-3.0-or-later
"""A host takes only what somebody it trusts vouches for, whatever a controller sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import inside
from .commits import QUICK
from .doctor import Gate, Package, new_key
from .ground import Ground
from .play import Run
from .project import ROOT

PLAYBOOKS = ROOT / "tests" / "ship" / "playbooks"
UNSIGNED = "its record is not signed by anybody in /etc/slipway/blog/signers"


def gated(here: Ground, file: Path) -> Gate:
    here.play(str(PLAYBOOKS / "gate.yml"), extra={"gate_file": str(file)}).good()
    made: Gate = json.loads(file.read_text())
    return made


@pytest.fixture(scope="module")
def made(shipped_ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gate, Gate]]:
    """What the gate made of the commit that is live, and of another one."""
    here, folder = shipped_ground, tmp_path_factory.mktemp("gates")
    here.describe(**QUICK)
    here.play("deploy").good()
    live = gated(here, folder / "live.json")
    here.project.new_page("To be tampered with")
    yield live, gated(here, folder / "new.json")
    here.project.reset()


@pytest.fixture
def package(made: tuple[Gate, Gate], tmp_path: Path) -> Package:
    return Package(made[1], tmp_path / "package")


def ship(here: Ground, gate: Gate) -> Run:
    return here.play(str(PLAYBOOKS / "ship.yml"), extra={"slipway_gate": gate})


def refused(here: Ground, gate: Gate, *said: str) -> None:
    live, before = here.live(), inside.state(here.host)
    ship(here, gate).bad("This host refuses what was sent of blog", *said)
    changed = inside.difference(before, inside.state(here.host))
    assert [line for line in changed if not line.endswith("/history.jsonl")] == []
    assert (inside.history(here.host)[-1]["outcome"], inside.history(here.host)[-1]["act"]) == ("failed", "deploy")
    assert inside.half_made(here.host) == []
    assert here.live() == live


def of_another_app(statement: Any) -> None:
    statement["predicate"]["slipway"]["app_name"] = "shop"


def failed(statement: Any) -> None:
    statement["predicate"]["result"] = "FAILED"


@pytest.mark.parametrize(("part", "name"), [("artifact", "artifact.tar.gz"), ("lock", "lock.txt")])
def test_tampered_part(here: Ground, package: Package, part: str, name: str) -> None:
    package.change(part)
    refused(here, package.gate, f"the record names {name} sha256:", "but what came is sha256:")


def test_tampered_record(here: Ground, package: Package) -> None:
    package.change("artifact")
    package.vouch()
    refused(here, package.gate, UNSIGNED)


def test_unknown_signer(here: Ground, package: Package, tmp_path: Path) -> None:
    package.sign(new_key(tmp_path / "stranger"))
    refused(here, package.gate, UNSIGNED)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (of_another_app, "the record is for the application 'shop', not 'blog'"),
        (failed, "the tests' result is 'FAILED'"),
    ],
    ids=["another app", "failed tests"],
)
def test_signed_record_that_says_something_else(
    here: Ground, package: Package, edit: Callable[[Any], None], said: str
) -> None:
    package.vouch(edit)
    package.sign(here.key)
    refused(here, package.gate, said)


def test_record_of_another_artifact(here: Ground, package: Package, made: tuple[Gate, Gate]) -> None:
    package.take_record_of(made[0])
    refused(here, package.gate, "the record names artifact.tar.gz sha256:", "but what came is sha256:")


def test_nothing_of_it_keeps_the_real_one_out(here: Ground, made: tuple[Gate, Gate]) -> None:
    ship(here, made[1]).good()
    assert here.live() == made[1]["commit"]


def test_untested_build_needs_the_policy_of_the_host(here: Ground) -> None:
    here.describe(app_test={"enabled": False})
    new = here.project.new_page("Nobody has tested this")
    live = here.live()
    run = here.play("deploy").bad("the artifact is untested and this host takes only tested ones")
    assert "app_test.enabled is false" in run.output
    assert here.live() == live
    assert inside.half_made(here.host) == []
    here.describe(app_test={"enabled": False}, gate_untested_allowed=True)
    here.play("setup").good()
    here.play("deploy").good()
    assert here.live() == new
    assert "untested" in here.play("status").good().output
    here.describe(**QUICK)
    here.play("setup").good()
