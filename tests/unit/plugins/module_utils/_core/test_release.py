# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.release import (
    ACTIVATING,
    MIGRATING,
    PREPARING,
    Found,
    Step,
    Wanted,
    generation,
    only,
    plan,
)

DIGESTS = {"web": "w", "mail": "m"}
ACTIVATIONS = st.sampled_from(["r1.a", "r1.b", "r2.a"])
RELEASES, VENVS = st.sampled_from(["r1", "r2"]), st.sampled_from(["v1", "v2"])
COMMANDS = st.lists(st.sampled_from(["x", "y"]), max_size=3).map(tuple)
WANTED = st.builds(
    lambda activation, venv, leader, init, migrate: Wanted(
        activation.partition(".")[0], activation, venv, DIGESTS, leader, init, migrate
    ),
    ACTIVATIONS,
    VENVS,
    st.booleans(),
    COMMANDS,
    COMMANDS,
)
GENERATIONS = st.sampled_from(["", "r1.a/w", "r1.a/m", "r2.a/w", "r2.a/m", "r2.a/old"])
FOUND = st.builds(
    Found,
    st.frozensets(RELEASES),
    st.frozensets(VENVS),
    st.frozensets(ACTIVATIONS),
    st.none() | ACTIVATIONS,
    st.frozensets(ACTIVATIONS),
    st.booleans(),
    st.frozensets(RELEASES),
    st.dictionaries(st.sampled_from(["web:1", "web:2", "mail:1"]), GENERATIONS),
    COMMANDS,
)


def every_host() -> Iterator[tuple[Wanted, Found]]:
    """Each part of a host right, missing or of an older release, in every combination."""
    flag, slot = (True, False), ("r2.a/w", "", "r1.a/w")
    for leader, commands in product(flag, ((), ("x", "y", "x"))):
        wanted = Wanted("r2", "r2.a", "v2", DIGESTS, leader, commands, commands)
        for release, venv, activation, confirmed, initialised, migrated in product(flag, repeat=6):
            for current, running in product(("r2.a", "r1.a", None), slot):
                yield (
                    wanted,
                    Found(
                        frozenset({"r1", "r2"} if release else {"r1"}),
                        frozenset({"v2"} if venv else ()),
                        frozenset({"r1.a", "r2.a"} if activation else {"r1.a"}),
                        current,
                        frozenset({"r1.a", "r2.a"} if confirmed else {"r1.a"}),
                        initialised,
                        frozenset({"r2"} if migrated else ()),
                        {"web:1": running, "web:2": "r2.a/w"},
                    ),
                )


def applied(wanted: Wanted, found: Found, steps: tuple[Step, ...], until: int | None = None) -> Found:
    """A small model of a host: what it has after the first `until` of these steps."""
    last = {step.act: number for number, step in enumerate(steps)}
    for number, step in enumerate(steps[:until]):
        finished = last[step.act] == number
        match step.act:
            case "install":
                found = replace(found, venvs=found.venvs | {step.subject})
            case "unpack":
                found = replace(found, releases=found.releases | {step.subject})
            case "set":
                found = replace(found, activations=found.activations | {step.subject})
            case "init":
                begun = (*found.begun, step.subject)
                found = replace(found, initialised=found.initialised or finished, begun=begun)
            case "migrate":
                found = replace(found, migrated=found.migrated | ({wanted.release} if finished else set()))
            case "switch":
                found = replace(found, current=wanted.activation, confirmed=found.confirmed - {wanted.activation})
            case "roll":
                running = generation(wanted.activation, wanted.digests[step.subject.partition(":")[0]])
                slots = {**found.slots, step.subject: running}
                found = replace(found, slots=slots, confirmed=found.confirmed - {wanted.activation})
            case "confirm":
                found = replace(found, confirmed=found.confirmed | {wanted.activation})
    return found


@given(WANTED, FOUND)
def test_nothing_is_left_to_do_after_the_plan(wanted, found):
    end = applied(wanted, found, plan(wanted, found))
    assert plan(wanted, end) == ()
    assert end.current == wanted.activation
    assert wanted.activation in end.activations & end.confirmed
    assert (wanted.release in end.releases, wanted.venv in end.venvs) == (True, True)
    assert all(running == generation(wanted.activation, DIGESTS[slot[:-2]]) for slot, running in end.slots.items())


def test_a_run_that_was_killed_is_finished_by_the_next():
    for wanted, found in every_host():
        steps = plan(wanted, found)
        end = applied(wanted, found, steps)
        for until in range(len(steps)):
            killed = applied(wanted, found, steps, until)
            assert applied(wanted, killed, plan(wanted, killed)) == end, (wanted, found, until)


@given(WANTED, FOUND)
def test_acts_come_in_their_order(wanted, found):
    order = (*PREPARING[:1], "install", "unpack", "set", "load", *MIGRATING, "try", *ACTIVATING, "confirm")
    acts = [step.act for step in plan(wanted, found)]
    assert acts == sorted(acts, key=order.index)


@given(WANTED, FOUND)
def test_nothing_is_switched_untried_and_nothing_unconfirmed_is_left(wanted, found):
    acts = {step.act for step in plan(wanted, found)}
    assert ("try" in acts) is bool(acts & {"switch", "roll"})
    assert ("confirm" in acts) is bool(acts)
    assert "unpack" not in acts or "verify" in acts


@given(WANTED, FOUND)
def test_only_the_leader_runs_what_runs_once(wanted, found):
    follower = replace(wanted, leader=False)
    assert only(plan(follower, found), MIGRATING) == ()
    rest = [step for step in plan(wanted, found) if step.act not in MIGRATING]
    assert rest == list(plan(follower, found))


@pytest.mark.parametrize(
    ("begun", "left"),
    [((), ["make", "fill"]), (("make",), ["fill"]), (("make", "fill"), []), (("other",), ["make", "fill"])],
)
def test_an_init_command_that_has_run_does_not_run_again_when_a_later_one_failed(begun, left):
    wanted = Wanted("r1", "r1.a", "v1", DIGESTS, init_commands=("make", "fill"))
    assert [step.subject for step in only(plan(wanted, Found(begun=begun)), ("init",))] == left


WEB = Wanted("r2", "r2.a", "v2", DIGESTS, True, ("createdb",), ("upgrade",))
LIVE = Found(
    releases=frozenset({"r2"}),
    venvs=frozenset({"v2"}),
    activations=frozenset({"r2.a"}),
    current="r2.a",
    confirmed=frozenset({"r2.a"}),
    initialised=True,
    migrated=frozenset({"r2"}),
    slots={"web:1": "r2.a/w", "web:2": "r2.a/w"},
)


@pytest.mark.parametrize(
    ("found", "acts"),
    [
        (Found(slots={"web:1": ""}), "verify install unpack set load init migrate try switch roll confirm"),
        (LIVE, ""),
        (replace(LIVE, slots={"web:1": "r2.a/w", "web:2": ""}), "try roll confirm"),
        (replace(LIVE, slots={"web:1": "r2.a/w", "web:2": "r2.a/old"}), "try roll confirm"),
        (replace(LIVE, current="r1.a"), "try switch confirm"),
        (replace(LIVE, current="r1.a", confirmed=frozenset()), "load try switch confirm"),
        (replace(LIVE, confirmed=frozenset()), "confirm"),
        (replace(LIVE, venvs=frozenset()), "install confirm"),
        (replace(LIVE, releases=frozenset()), "verify unpack confirm"),
        (replace(LIVE, activations=frozenset()), "set confirm"),
        (replace(LIVE, migrated=frozenset(), initialised=False), ""),
        (replace(LIVE, migrated=frozenset(), confirmed=frozenset()), "migrate confirm"),
        (replace(LIVE, migrated=frozenset(), releases=frozenset()), "verify unpack confirm"),
    ],
)
def test_what_a_host_still_needs(found, acts):
    assert [step.act for step in plan(WEB, found)] == acts.split()


def test_a_plan_is_said_in_sentences():
    assert [step.text for step in plan(WEB, Found(slots={"web:1": ""}))] == [
        "verify the signed record of the tests",
        "install the locked packages (v2)",
        "unpack release r2",
        "write environment r2.a",
        "load r2.a once",
        "createdb",
        "upgrade",
        "start r2.a on a private socket and ask it",
        "switch current from nothing to r2.a",
        "restart web:1",
        "confirm r2.a",
    ]
