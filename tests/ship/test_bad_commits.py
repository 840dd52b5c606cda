# SPDX-License-Identifier: GPL-3.0-or-later
"""A commit that must not go live does not, nobody notices, nothing is left of it, and the reason is said."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from . import inside
from .commits import BAD, Bad, good_migration
from .ground import Ground
from .probe import Probe


@pytest.fixture(scope="module")
def old(shipped_ground: Ground) -> Iterator[str]:
    """The commit that is live before and after each of them."""
    shipped_ground.play("deploy").good()
    yield shipped_ground.live()


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_stays_out(here: Ground, old: str, bad: Bad) -> None:
    before, shelf = inside.state(here.host), inside.shelf(here.host)
    here.project.commit(f"A commit with {bad.name}", bad.edits(here.project))
    with Probe(here.url) as probe:
        run = here.play("deploy")
    run.bad(*bad.said)
    assert bool(run.account["modules"].get("slipway.flask.release")) is bad.host
    probe.unbroken()
    assert here.live() == old
    assert inside.half_made(here.host) == []
    assert inside.well(here.host) == []
    kept = inside.shelf(here.host)
    assert (kept["releases"], kept["activations"]) == (shelf["releases"], shelf["activations"])
    if not bad.host:
        assert inside.difference(before, inside.state(here.host)) == []


def test_good_migration_passes(here: Ground, old: str) -> None:
    new = here.project.commit("Posts have a mood", good_migration(here.project))
    with Probe(here.url) as probe:
        here.play("deploy").good()
    probe.unbroken()
    assert probe.commits == [old, new]
    assert json.loads(here.answer("/healthz"))["schema"] == here.project.revision()
    here.project.settle()  # what is older than the database cannot be shipped any more


def test_a_gate_that_began_for_other_pythons_begins_anew(here: Ground) -> None:
    """As where a host has been upgraded. What the first one would have said is nobody's affair any more."""
    last = here.cache / "blog/pythons.json"
    pythons = last.read_text()
    last.write_text(json.dumps({"pythons": ["3.99"]}))
    new = here.project.new_page("For the Python that is there")
    run = here.play("deploy").good()
    assert here.live() == new
    assert "3.99" not in run.output
    assert last.read_text() == pythons
