# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole deploys and rollbacks on a host that is only pretended, and what a kill at any moment leaves of them."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import Revision
from ansible_collections.slipway.flask.plugins.module_utils._host import (
    acts,
    commands,
    health,
    history,
    leftovers,
    roll,
    schema,
    session,
    starting,
    state,
)
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps


class Killed(BaseException):
    """SIGKILL, as far as Python can be made to feel it: nothing catches it, and nothing works after it."""


class Reaper:
    """Kills before the `moment`-th change of the host, counted from 1; a tree that is being removed is left in half."""

    def __init__(self, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.moment = 0, 0
        for owner, names in (
            (os, ("replace", "rename", "unlink", "symlink", "write")),
            (shutil, ("rmtree",)),
            (host.supervisor, ("start", "stop", "end")),
        ):
            for name in names:
                monkeypatch.setattr(owner, name, self._guarded(getattr(owner, name), name))

    def _guarded(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            if self.moment and self.count >= self.moment:
                if name == "rmtree" and self.count == self.moment:
                    victims = [path for path in Path(arguments[0]).rglob("*") if path.is_file()]
                    for victim in victims[:1]:
                        os.remove(victim)
                raise Killed
            return call(*arguments, **options)

        return guarded


def verdicts(host: Any) -> dict[str, str]:
    return {entry.activation: entry.verdict for entry in state.ledger(host.app.layout).entries}


def assert_whole(host: Any) -> None:
    """At any instant: `current` leads to something, and what has its final name is complete."""
    layout = host.app.layout
    for folder, proof in ((layout.releases, "release.json"), (layout.activations, "activation.json")):
        for path in Path(folder).glob("[!.]*"):
            assert (path / proof).exists(), path
    if host.live is not None:
        assert (Path(layout.current) / "activation.json").exists()


def assert_settled(host: Any, live: str | None) -> None:
    assert host.live == live
    assert host.slots == {live or ""}
    assert apps.standing_in(host.app) == {}
    assert state.lock(host.app.layout) is None
    assert state.ledger(host.app.layout).pending() is None
    assert_whole(host)


def assert_recorded(host: Any, survived: bool) -> None:
    """Each run has one line, once it held the lock; the third one was killed, unless it came to its end."""
    told = [(row["run"], row["outcome"]) for row in history.read(host.app.layout)]
    assert told[:2] == [("run 1", "succeeded"), ("run 2", "succeeded")]
    killed, again = ("run 3", "killed"), ("run 4", "succeeded")
    assert told[2:] in (
        [[("run 3", "succeeded")]] if survived else [[("run 3", "succeeded")], [killed], [killed, again], [again]]
    )


def test_a_first_deploy_and_the_next_ones(host):
    for number, activation in enumerate("abcd", 1):
        host.ship(activation)
        host.deploy(activation)
        assert_settled(host, activation)
        assert len(os.listdir(host.app.layout.activations)) == min(number, host.app.keep)
    assert host.told() == [("deploy", activation, "succeeded") for activation in "abcd"]
    assert sorted(os.listdir(host.app.layout.releases)) == ["release-c", "release-d"]
    assert sorted(os.listdir(host.app.layout.venvs)) == ["venv-c", "venv-d"]


def test_rolling_back_twice_goes_back_twice_and_then_says_that_there_is_no_more(make_host):
    host = make_host("root", keep=5)
    for activation in "abc":
        host.ship(activation)
        host.deploy(activation)
    host.roll_back()
    assert_settled(host, "b")
    host.roll_back()
    assert_settled(host, "a")
    assert verdicts(host) == {"a": "good", "b": "bad", "c": "bad"}
    with pytest.raises(SlipwayError, match=r"No release to go back to of blog on this host\. Good ones: release-a"):
        host.roll_back()


def test_going_back_to_a_release_by_its_name(make_host):
    host = make_host("root", keep=5)
    for activation in "abc":
        host.ship(activation)
        host.deploy(activation)
    host.roll_back(to="release-a")
    assert_settled(host, "a")
    assert verdicts(host) == {"a": "good", "b": "good", "c": "bad"}
    host.roll_back(to="release-a")
    assert_settled(host, "a")
    with pytest.raises(SlipwayError, match="No release release-c of blog"):
        host.roll_back(to="release-c")


def test_a_rollback_away_from_an_unproven_release_costs_no_proven_one(make_host):
    host = make_host("root", keep=5)
    for activation in "ab":
        host.ship(activation)
        host.deploy(activation)
    host.ship("c")
    run = host.new_run()
    acts.locking.take(host.app, run)
    host.act(run, "activated", "c")
    host.roll_back()
    assert_settled(host, "b")
    assert verdicts(host) == {"a": "good", "b": "good", "c": "bad"}


@pytest.mark.parametrize("fault", ["sick", "site"])
@pytest.mark.parametrize("before", [None, "a"])
def test_a_release_that_does_not_become_well_is_taken_back(host, fault, before):
    if before:
        host.ship(before)
        host.deploy(before)
    host.ship("b")
    host.sick, host.site_down = ({"b"}, False) if fault == "sick" else (set(), True)
    run = host.new_run()
    host.begin(run, "b")
    with pytest.raises(SlipwayError, match="500: oh no" if fault == "sick" else "The site on port 80") as caught:
        host.act(run, "activated", "b")
    said = "This host is back on a." if before else "This host serves nothing, as before."
    assert str(caught.value).endswith(said)
    host.site_down = False
    assert_settled(host, before)
    assert verdicts(host)["b"] == "bad"
    assert os.listdir(host.app.layout.activations) == ([before] if before else [])
    assert host.told()[-1] == ("deploy", "b", "failed")
    again = host.act(run, "restored", "b")
    assert again["plan"] == [f"This host serves {before or 'nothing'}, as before."]
    assert "venv-b" in os.listdir(host.app.layout.venvs)
    assert len(host.told()) == (2 if before else 1)


def test_a_trial_that_fails_switches_nothing_and_leaves_no_trial(host):
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    host.sick = {"b"}
    with pytest.raises(SlipwayError, match="trial-web:trial answers / with 500"):
        host.deploy("b")
    assert host.supervisor.running("trial-web:trial") == ""
    assert (host.live, host.slots) == ("a", {"a"})
    assert host.act(host.latest, "restored", "b")["plan"] == ["This host serves a, as before."]
    assert_settled(host, "a")


def deploy(host: Any, alone: bool = False) -> None:
    host.ship("c")
    host.deploy("c", alone=alone)


def test_who_reads_our_output_waits_for_us():
    ours, theirs = os.pipe()
    assert session.waited_for(theirs)
    os.close(ours)
    assert not session.waited_for(theirs)
    os.close(theirs)


def test_a_call_for_which_nobody_waits_ends_after_its_act_and_the_next_run_goes_on(host, said, monkeypatch):
    host.ship("a", migrate_commands=("up",))
    with monkeypatch.context() as patch, pytest.raises(SlipwayError, match="before it is tried"):
        patch.setattr(session, "waited_for", lambda: False)
        host.deploy("a", alone=True)
    assert (said, host.live) == (["up"], None)
    host.deploy("a", alone=True)
    assert said == ["up"]
    assert_settled(host, "a")
    assert host.told() == [("deploy", "a", "killed"), ("deploy", "a", "succeeded")]


def test_a_host_that_is_alone_does_all_of_it_in_one_call(host, said):
    for activation in "ab":
        host.ship(activation, migrate_commands=("up",))
        host.deploy(activation, alone=True)
        assert_settled(host, activation)
    assert said == ["up", "up"]
    host.ship("c")
    host.sick = {"c"}
    with pytest.raises(SlipwayError, match="trial-web:trial answers / with 500"):
        host.deploy("c", alone=True)
    assert (host.live, host.slots) == ("b", {"b"})


@pytest.mark.long
@pytest.mark.parametrize(
    ("work", "live", "ends"),
    [
        (deploy, "c", {"b": "good", "c": "good"}),
        (lambda host: deploy(host, alone=True), "c", {"b": "good", "c": "good"}),
        (lambda host: host.roll_back(), "a", {"a": "good", "b": "bad"}),
    ],
    ids=["deploy", "alone", "rollback"],
)
def test_a_run_that_is_killed_at_any_moment_is_finished_by_the_next(make_host, work, live, ends):
    for moment in itertools.count(1):
        host = make_host(f"moment {moment}")
        for activation in "ab":
            host.ship(activation)
            host.deploy(activation)
        with pytest.MonkeyPatch.context() as patch:
            reaper = Reaper(host, patch)
            reaper.moment = moment
            with contextlib.suppress(Killed):
                work(host)
            survived = reaper.count < moment
        assert_whole(host)
        if verdicts(host).get(live) != "good" or host.live != live:
            work(host)
        # a run that was killed after its verdict has left only its lock and what it did not prune
        leftovers.settle(host.app, host.new_run(), check=False)
        assert leftovers.settle(host.app, host.new_run(), check=True) == ()
        assert_settled(host, live)
        assert ends.items() <= verdicts(host).items()
        assert_recorded(host, survived)
        if survived:
            break
    assert moment > 15


@pytest.mark.long
@pytest.mark.parametrize("before", [None, "a"])
def test_a_release_that_fails_and_is_killed_at_any_moment_is_taken_back_by_the_next(make_host, before):
    for moment in itertools.count(1):
        host = make_host(f"moment {moment}")
        if before:
            host.ship(before)
            host.deploy(before)
        host.ship("b")
        host.sick = {"b"}
        run = host.new_run()
        host.begin(run, "b")
        with pytest.MonkeyPatch.context() as patch:
            reaper = Reaper(host, patch)
            reaper.moment = moment
            with pytest.raises((Killed, SlipwayError)):
                host.act(run, "activated", "b")
            survived = reaper.count < moment
        assert_whole(host)
        host.act(run, "restored", "b")
        assert_settled(host, before)
        told = [("deploy", "b", "failed")]
        assert host.told() == ([("deploy", "a", "succeeded")] if before else []) + told
        if survived:
            break
    assert moment > 8


def test_a_host_that_lost_its_lock_switches_nothing(host):
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    run, other = host.new_run(), host.new_run()
    acts.locking.take(host.app, run)
    acts.locking.drop(host.app)
    with pytest.raises(SlipwayError, match="no longer holds the lock"):
        host.act(run, "activated", "b")
    acts.locking.take(host.app, other)
    answer = host.act(run, "restored", "b")
    assert answer["changed"] is False
    assert answer["plan"] == ["Nothing is undone on this host: another run holds its lock."]
    assert (host.live, host.slots) == ("a", {"a"})


def test_secrets_do_not_get_into_the_history(host, monkeypatch):
    host.ship("a", secret_names=("TOKEN",))
    environment = host.app.layout.activations / "a/environment.json"
    state.write(environment, state.dumps({"TOKEN": "hunter2"}))
    monkeypatch.setattr(acts, "ask_site", _echo)
    run = host.new_run()
    host.begin(run, "a")
    with pytest.raises(SlipwayError):
        host.act(run, "activated", "a")
    assert [row["reason"] for row in history.read(host.app.layout)] == ["The site says ********"]


def _echo(*_: object) -> None:
    raise SlipwayError("The site says hunter2\nand its log more")


def test_what_is_not_live_cannot_be_confirmed(host):
    host.ship("a")
    run = host.new_run()
    acts.locking.take(host.app, run)
    with pytest.raises(SlipwayError, match="a is not live on this host"):
        host.act(run, "confirmed", "a")


def test_a_run_without_anything_to_undo_gives_only_its_own_lock_back(host):
    run, other = host.new_run(), host.new_run()
    acts.locking.take(host.app, run)
    assert host.act(other, "restored")["changed"] is False
    assert host.act(run, "restored")["changed"] is True
    assert state.lock(host.app.layout) is None
    assert host.told() == []


def test_a_run_that_fails_before_anything_is_switched_is_recorded_with_the_reason(host):
    run = host.new_run()
    host.begin(run, "a")
    host.act(run, "restored", reason="loading the application (app_wsgi): exit status 1\nImportError")
    (row,) = history.read(host.app.layout)
    assert (row["outcome"], row["reason"]) == ("failed", "loading the application (app_wsgi): exit status 1")


def test_a_run_that_was_killed_is_recorded_by_who_finds_its_lock(host):
    host.ship("a")
    host.deploy("a")
    host.begin(host.new_run(), "b")
    assert len(host.told()) == 1
    host.ship("c")
    host.deploy("c")
    assert host.told()[1:] == [("deploy", "b", "killed"), ("deploy", "c", "succeeded")]
    host.begin(host.new_run(), "d")
    leftovers.settle(host.app, host.new_run(), check=False)
    assert host.told()[3:] == [("deploy", "d", "killed")]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of the app that were run."""
    ran: list[str] = []
    monkeypatch.setattr(commands, "command", lambda _app, _activation, text: ran.append(text))
    return ran


def test_init_runs_once_in_a_life_and_migrations_once_a_release(host, said):
    for activation in "aab":
        host.ship(activation, init_commands=("init", "seed", "init"), migrate_commands=("up",))
        host.deploy(activation)
    assert said == ["init", "seed", "init", "up", "up"]


@pytest.mark.long
def test_init_that_was_killed_goes_on_after_the_commands_that_have_run(host, monkeypatch, said):
    host.ship("a", init_commands=("init", "seed", "init"))

    def killed(*_: object) -> None:
        said.append("killed")
        if len(said) == 2:
            raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(commands, "command", killed)
        host.deploy("a")
    assert not apps.observe(host.app).initialised
    host.deploy("a")
    assert said[2:] == ["seed", "init"]  # what ran may destroy when it runs again
    assert apps.observe(host.app).initialised


@pytest.mark.parametrize(
    ("markers", "leader", "init", "older"),
    [
        ({}, True, ("init",), True),
        ({"attempted": True}, True, ("init",), False),  # one that failed goes on
        ({"initialised": True}, True, ("init",), False),
        ({}, False, ("init",), False),
        ({}, True, (), False),
    ],
)
def test_what_runs_once_has_run_where_the_database_is_older_than_the_host(
    host, monkeypatch, markers, leader, init, older
):
    monkeypatch.setattr(session.database, "has_tables", lambda *_: True)
    apps.mark(host.app, **markers)
    request = SimpleNamespace(leader=leader, setting=SimpleNamespace(init_commands=init, environment={}))
    assert session._is_older(host.app, request, apps.observe(host.app)) == older


def test_a_host_that_did_not_run_what_runs_once_knows_that_it_has_run(host, said):
    host.ship("a", init_commands=("init",))
    run = host.new_run()
    host.begin(run, "a")
    for wanted in ("migrated", "tried", "activated", "confirmed"):
        host.act(run, wanted, "a", leader=False)
    assert said == [] and apps.observe(host.app).initialised


def test_a_migration_that_the_live_release_does_not_bear_is_said(host, monkeypatch):
    host.ship("a")
    host.deploy("a")
    host.ship("b", migrate_commands=("up",))
    monkeypatch.setattr(commands, "command", lambda *_: host.sick.add("a"))
    with pytest.raises(SlipwayError, match="The live release does not bear the migrated database: web:1 answers"):
        host.deploy("b")
    assert host.live == "a"


def test_a_host_that_nobody_is_served_from_is_not_said_to_serve(host):
    host.ship("a")
    host.deploy("a")
    host.supervisor.stop("web:1")
    host.supervisor.stop("web:2")
    (said,) = host.act(host.new_run(), "restored", "b")["plan"]
    assert said.startswith("a is live on this host, and none of its servers runs.")


def test_a_migration_that_makes_a_sick_release_well_again_goes_on(host, monkeypatch):
    host.ship("a")
    host.deploy("a")
    host.sick.add("a")
    host.ship("b", migrate_commands=("up",))
    monkeypatch.setattr(commands, "command", lambda *_: None)
    host.deploy("b")
    assert host.live == "b"


UPGRADE = ("flask db upgrade",)
KNOWN = {"1": Revision("1", (), ""), "2": Revision("2", ("1",), "")}


@pytest.fixture
def asked(host, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each question that the trial of `b` is asked."""
    found: list[str] = []

    def answer(connect: health.Connect, *rest: object) -> tuple[int, str, str]:
        found.extend(["asked"] * (host.supervisor.running("trial-web:trial") == "b"))
        return host.answer(connect, *rest)

    monkeypatch.setattr(health, "_once", answer)
    return found


def migrating(host: Any, monkeypatch: pytest.MonkeyPatch, at: str | None, command: Callable[..., None]) -> None:
    """A host that serves `a`; its database is at a revision, or cannot be asked."""
    host.ship("a")
    host.deploy("a")
    look = schema.Look(KNOWN, None if at is None else frozenset({at}))
    monkeypatch.setattr(acts.schema, "look", lambda *_: look)
    monkeypatch.setattr(commands, "command", command)


def test_commands_that_find_nothing_to_migrate_go_on_beside_the_trial(host, monkeypatch, asked):
    def command(*_: object) -> None:
        limit = time.monotonic() + 10
        while len(asked) < starting.TRIAL_ANSWERS - 1:
            assert time.monotonic() < limit, "the trial waits for the commands"
        # the last answer comes after their end, however long they take
        assert not threading.Event().wait(0.3)
        asked.append("ended")

    migrating(host, monkeypatch, "2", command)
    host.ship("b", migrate_commands=UPGRADE)
    host.deploy("b", alone=True)
    assert asked == ["asked"] * (starting.TRIAL_ANSWERS - 1) + ["ended", "asked"]
    assert_settled(host, "b")


@pytest.mark.parametrize(
    ("at", "due", "alone"),
    [
        ("1", UPGRADE, True),
        (None, UPGRADE, True),
        ("2", ("flask db upgrade && flask seed",), True),
        ("2", UPGRADE, False),
    ],
    ids=["pending", "unknown", "another command", "a fleet"],
)
def test_the_trial_comes_after_commands_that_may_change_what_it_meets(host, monkeypatch, asked, at, due, alone):
    migrating(host, monkeypatch, at, lambda *_: asked.append("ended"))
    host.ship("b", migrate_commands=due)
    host.deploy("b", alone=alone)
    assert asked == ["ended"] + ["asked"] * starting.TRIAL_ANSWERS
    assert_settled(host, "b")


def test_the_trial_begins_beside_the_look_at_the_database_and_is_asked_after_it(host, monkeypatch, asked):
    def look(*_: object) -> schema.Look:
        began.append(host.supervisor.running("trial-web:trial"))
        assert asked == []
        return schema.Look(KNOWN, frozenset({"2"}))

    began: list[str] = []
    migrating(host, monkeypatch, "2", lambda *_: None)
    monkeypatch.setattr(acts.schema, "look", look)
    host.ship("b", migrate_commands=UPGRADE)
    host.deploy("b", alone=True)
    assert began == ["b"]
    assert_settled(host, "b")


def test_a_revision_that_nobody_knows_keeps_the_release_out(host, monkeypatch, asked):
    migrating(host, monkeypatch, "2", lambda *_: asked.append("ended"))
    monkeypatch.setattr(acts.schema, "look", lambda *_: schema.Look(KNOWN, frozenset({"2", "9"})))
    host.ship("b", migrate_commands=UPGRADE)
    with pytest.raises(SlipwayError, match="The database is at 9, which this commit does not know"):
        host.deploy("b", alone=True)
    assert (host.live, asked, host.supervisor.running("trial-web:trial")) == ("a", [], "")


def test_the_first_release_starts_its_slots_while_its_trial_is_watched(host, monkeypatch, asked):
    roll_of_slots = roll.roll

    def rolled(*arguments: Any) -> list[str]:
        assert host.supervisor.running("trial-web:trial") == "b"
        assert 1 <= len(asked) < starting.TRIAL_ANSWERS
        return roll_of_slots(*arguments)

    monkeypatch.setattr(roll, "roll", rolled)
    host.ship("b")
    host.deploy("b", alone=True)
    assert_settled(host, "b")


def test_a_trial_that_does_not_come_up_says_why_the_application_does_not_load(host, monkeypatch):
    def load(*_: object) -> None:
        raise SlipwayError("loading the application (app_wsgi): exit status 1")

    host.ship("a")
    host.deploy("a")
    monkeypatch.setattr(commands, "load", load)
    start = host.supervisor.start
    monkeypatch.setattr(host.supervisor, "start", lambda process: (start(process), host.supervisor.end(process)))
    host.ship("b")
    with pytest.raises(SlipwayError, match="loading the application"):
        host.deploy("b")
    assert host.live == "a"


@pytest.mark.parametrize("fault", ["command", "trial"])
def test_what_fails_beside_the_other_keeps_the_release_out(host, monkeypatch, fault):
    def command(*_: object) -> None:
        if fault == "command":
            raise SlipwayError("no such revision")
        host.sick.add("b")

    migrating(host, monkeypatch, "2", command)
    host.ship("b", migrate_commands=UPGRADE)
    with pytest.raises(
        SlipwayError, match="no such revision" if fault == "command" else "trial-web:trial answers / with"
    ):
        host.deploy("b", alone=True)
    assert host.supervisor.running("trial-web:trial") == ""
    assert (host.live, host.slots) == ("a", {"a"})


def test_a_hardened_umask_does_not_reach_the_release(host):
    os.umask(0o077)
    host.act(host.new_run(), "restored")
    assert os.umask(0o022) == 0o022


def test_a_plan_of_a_host_that_has_everything_is_empty(host):
    host.ship("a")
    host.deploy("a")
    answer = host.act(host.new_run("rollback"), "selected", to="release-a")
    assert (answer["changed"], answer["plan"], answer["pending"]) == (False, [], [])
    assert state.lock(host.app.layout) is None


ACTS = ["migrated", "tried", "activated", "confirmed"]


def go_on(host, activation):
    """What a call does that has just prepared `activation`, on a host that is alone."""
    host.ship(activation)
    run = host.new_run()
    host.begin(run, activation)
    prepared = {"activation": activation, "live": host.live, "diff": {"before": "", "after": "unpack it\n"}}
    options = {"then": ACTS, "leader": True, "migrating": {}}
    return session._go_on(host.app, options, run, prepared)


def test_the_call_that_prepared_may_take_the_release_live(host):
    host.ship("a")
    host.deploy("a")
    answer = go_on(host, "b")
    assert_settled(host, "b")
    assert answer["plan"][0] == "unpack it" and len(answer["plan"]) > 3
    assert answer["diff"]["after"].splitlines() == answer["plan"]
    assert (answer["live"], answer["pending"], answer["changed"]) == ("a", [], True)


def test_when_it_fails_it_says_what_is_to_be_undone(host):
    host.ship("a")
    host.deploy("a")
    host.sick = {"b"}
    with pytest.raises(SlipwayError, match="500: oh no") as caught:
        go_on(host, "b")
    assert acts.locking.blame(caught.value) == {"activation": "b"}
    host.act(host.latest, "restored", "b")
    assert_settled(host, "a")


@pytest.mark.parametrize("activation", [None, "b"], ids=["before anything is known of it", "after"])
def test_a_call_that_is_killed_while_it_tries_leaves_no_trial_to_the_run_that_fails(host, activation):
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    run = host.new_run()
    host.begin(run, "b")
    state.link(host.app.layout.candidate, Path("activations/b"))
    host.supervisor.start("trial-web:trial")
    host.act(run, "restored", activation)
    assert host.supervisor.running("trial-web:trial") == ""
    assert_settled(host, "a")
