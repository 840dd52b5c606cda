# SPDX-License-Identifier: GPL-3.0-or-later
"""Visitors come while commits go live and one comes back: none of them is failed, and none waits for long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from . import inside, measured
from .commits import QUICK
from .ground import Ground
from .load import ACCESS_LOG, SHARE, AccessLog, Load, capacity
from .probe import ask

ASKED_AFTERWARDS = 30
MEASURED = (10, 2)  # deploys and rollbacks
# test_stacks.py has a round in each run
ROUNDS = [pytest.param(3, 1, id="short"), pytest.param(20, 5, id="long")]


def all_answers_are_from(here: Ground, commit: str) -> None:
    assert {here.live() for _ in range(ASKED_AFTERWARDS)} == {commit}


def ship_and_return(target: Ground, deploys: int, rollbacks: int) -> None:
    """So many new commits and, after every few of them, back to the one before."""
    for number in range(1, deploys + 1):
        before, new = target.live(), target.project.new_page(f"Commit {number} of {deploys}")
        target.play("deploy").good()
        all_answers_are_from(target, new)
        if number % (deploys // rollbacks) == 0:
            target.play("rollback").good()
            all_answers_are_from(target, before)


def load_while(
    here: Ground, target: Ground, deploys: int, rollbacks: int, per_second: float, logs: str = ACCESS_LOG
) -> Load:
    """Load on `here` while `target` is shipped to; nobody may be failed."""
    log = AccessLog(here.host, logs)
    with Load(f"{here.url}/", per_second) as load:
        ship_and_return(target, deploys, rollbacks)
    assert sum(kind.requests for kind in load.figures.values())
    assert [kind for kind in load.figures.values() if kind.failed] == []
    assert set(log.statuses()) == {200}
    return load


@pytest.mark.soak
@pytest.mark.parametrize(("deploys", "rollbacks"), ROUNDS)
def test_nobody_notices(here: Ground, deploys: int, rollbacks: int) -> None:
    here.play("deploy").good()
    ask(f"{here.url}/")
    load_while(here, here, deploys, rollbacks, SHARE * capacity(f"{here.url}/"))
    assert inside.well(here.host) == []


def figures(here: Ground, other: Ground, logs: str = ACCESS_LOG) -> dict[str, Any]:
    """Load on `here` while the same work is done for it and for another host: the controller's own work costs something
    on a small machine, and so that is the measure."""
    top = capacity(f"{here.url}/")
    found = {
        name: {
            kind: asdict(seen) for kind, seen in load_while(here, target, *MEASURED, SHARE * top, logs).figures.items()
        }
        for name, target in (("elsewhere", other), ("here", here))
    }
    ratio = {kind: round(found["here"][kind]["p99"] / found["elsewhere"][kind]["p99"], 2) for kind in found["here"]}
    return {"capacity_per_second": top, "share": SHARE, "p99_ratio": ratio, **found}


@pytest.mark.soak
def test_figures_beside_work_elsewhere(here: Ground, ground: Callable[..., Ground]) -> None:
    other = ground("ship-other", **QUICK)
    for each in (other, here):
        each.play("site").good()
    measured.keep("load", figures(here, other))
