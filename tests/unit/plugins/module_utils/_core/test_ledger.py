# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.ledger import Entry, Ledger, Verdict, kept, trimmed


def entry(activation: str, verdict: Verdict = "good", previous: str | None = None, undoes: str | None = None) -> Entry:
    return Entry(
        activation, f"release-{activation}", f"commit-{activation}", "0" * 64, previous, "me", "t", verdict, "", undoes
    )


def ledger(*rows: str) -> Ledger:
    """`a good` or `a bad`, oldest first."""
    return Ledger(tuple(entry(*row.split()) for row in rows))


@dataclass
class Host:
    """A host that lives through runs as `_host.acts` does them; `left` was rolled back and not shipped again."""

    ledger: Ledger = field(default_factory=Ledger)
    live: str | None = None
    left: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)

    def run(self, activation: str, end: str, undoes: str | None = None) -> None:
        pending = self.ledger.pending()
        if not (pending and pending.activation == activation):
            back = self.ledger.refuge(self.live, leaving=activation)
            assert back is None or (back in self.proven and back != activation)
            self.ledger = self.ledger.begin(entry(activation, "pending", back, undoes))
        now = self.ledger.latest(activation)
        assert now is not None
        self.proven.discard(activation)
        if end != "killed before the switch":
            self.live = activation
        if end == "good":
            if now.undoes:
                self.ledger = self.ledger.end(now.undoes, "bad")
                self.left.add(now.undoes)
                self.proven.discard(now.undoes)
            self.ledger = self.ledger.end(activation, "good")
            self.left.discard(activation)
            self.proven.add(activation)
        elif end == "bad":
            self.live = now.previous
            self.ledger = self.ledger.end(activation, "bad", "unwell")

    def roll_back(self, end: str) -> None:
        pending = self.ledger.pending()
        resumed = pending if pending and pending.undoes else None
        chosen = self.ledger.back(self.live)
        if chosen is None:
            return
        assert chosen == resumed or (chosen.activation in self.proven and chosen.activation != self.live)
        assert chosen.activation not in self.left
        self.run(chosen.activation, end, undoes=self.live if self.live != chosen.activation else None)


ENDS = st.sampled_from(["good", "good", "bad", "killed before the switch", "killed after the switch"])
RUNS = st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d", None]), ENDS), max_size=12)


@settings(max_examples=300)
@given(RUNS, st.integers(1, 4))
def test_whatever_runs_came_before_there_is_a_way_back_and_never_to_what_was_left(runs, keep):
    host = Host()
    for activation, end in runs:
        host.roll_back(end) if activation is None else host.run(activation, end)
        left = kept(host.ledger, host.live, keep)
        assert {e.activation for e in host.ledger.good()} == host.proven
        assert host.live is None or host.live in left
        back, pending = host.ledger.fallback(leaving=host.live or ""), host.ledger.pending()
        assert back is None or back.activation in left
        assert pending is None or {pending.activation, pending.previous or pending.activation} <= set(left)
        assert len(left) <= max(keep, 2) + 1
        short = trimmed(host.ledger, left, keep=3)
        assert [short.latest(name) for name in left] == [host.ledger.latest(name) for name in left]
        assert short.pending() == pending


@given(RUNS)
def test_a_ledger_comes_back_from_its_file_as_it_was(runs):
    host = Host()
    for activation, end in runs:
        host.run(activation or "a", end)
    assert Ledger.read(json.loads(json.dumps(host.ledger.rows()))) == host.ledger


def test_rolling_back_twice_goes_back_twice():
    host = Host()
    for activation in "abc":
        host.run(activation, "good")
    lives = []
    for _ in range(3):
        host.roll_back("good")
        lives.append(host.live)
    assert lives == ["b", "a", "a"]


def test_a_rollback_that_was_killed_is_finished_by_the_next():
    host = Host()
    for activation in "abc":
        host.run(activation, "good")
    host.roll_back("killed after the switch")
    assert host.live == "b"
    host.roll_back("good")
    assert host.live == "b"
    assert [e.activation for e in host.ledger.good()] == ["b", "a"]


def test_a_rollback_away_from_an_unproven_release_costs_no_proven_one():
    host = Host()
    for activation in "ab":
        host.run(activation, "good")
    host.run("c", "killed after the switch")
    host.roll_back("good")
    assert host.live == "b"
    assert [e.activation for e in host.ledger.good()] == ["b", "a"]


@pytest.mark.parametrize(
    ("rows", "leaving", "chosen"),
    [
        ([], "a", None),
        (["a good"], "a", None),
        (["a good", "b good"], "b", "a"),
        (["a good", "b bad", "c good"], "c", "a"),
        (["a good", "b pending"], "b", "a"),
        (["a good", "b good", "b bad"], "c", "a"),
        (["b bad", "a good", "b good"], "c", "b"),
        (["a pending"], "b", None),
    ],
)
def test_the_fallback_is_the_newest_good_one_but_the_one_that_is_left(rows, leaving, chosen):
    found = ledger(*rows).fallback(leaving)
    assert (found.activation if found else None) == chosen


@pytest.mark.parametrize(
    ("rows", "live", "leaving", "refuge"),
    [
        ([], None, "a", None),
        (["a good"], "a", "b", "a"),
        (["a good", "b bad"], "b", "c", "a"),
        (["a good", "b good"], "a", "c", "a"),
        (["a good", "b good"], "b", "b", "a"),
        (["a bad"], "a", "b", None),
        (["a good"], None, "b", "a"),
    ],
)
def test_a_failed_run_goes_back_to_what_has_proven_itself(rows, live, leaving, refuge):
    assert ledger(*rows).refuge(live, leaving) == refuge


@pytest.mark.parametrize(
    ("rows", "live", "keep", "left"),
    [
        ([], None, 5, []),
        (["a good", "b good", "c good"], "c", 1, ["c", "b"]),
        (["a good", "b good", "c good"], "c", 2, ["c", "b"]),
        (["a good", "b good", "c good"], "c", 5, ["c", "b", "a"]),
        (["a good", "b good", "c good"], "a", 1, ["a", "c"]),
        (["a good", "b bad"], "b", 5, ["b", "a"]),
        (["a good", "b good", "c pending"], "b", 1, ["b", "a", "c"]),
        (["a good", "b good", "c pending"], "c", 1, ["c", "b"]),
        (["a good"], None, 5, ["a"]),
    ],
)
def test_what_pruning_leaves(rows, live, keep, left):
    assert kept(ledger(*rows), live, keep) == left


def test_a_new_run_closes_one_that_never_ended():
    begun = ledger("a good", "b pending").begin(entry("c", "good"))
    assert [(e.activation, e.verdict) for e in begun.entries] == [("a", "good"), ("b", "bad"), ("c", "pending")]
    assert begun.entries[1].reason == "the run ended before its verdict"


def test_an_end_changes_the_last_run_of_its_activation_and_no_other():
    ended = ledger("a good", "b good", "a pending", "c good").end("a", "bad", "unwell")
    assert [e.verdict for e in ended.entries] == ["good", "good", "bad", "good"]
    assert ended.entries[2].reason == "unwell"
    assert ended.end("never seen", "good") == ended


def test_only_the_last_run_can_be_pending():
    assert Ledger().pending() is None
    assert ledger("a pending", "b good").pending() is None
    assert ledger("a good", "b pending").pending() == entry("b", "pending")


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("release-a", "a"), ("commit-b", "b"), ("commit", "b"), ("release-c", None), ("elease-a", None)],
)
def test_a_release_is_chosen_by_how_its_name_or_commit_begins(text, chosen):
    found = ledger("a good", "b good", "c bad").select(text)
    assert (found.activation if found else None) == chosen


def test_a_ledger_forgets_the_oldest_rows_but_not_of_what_is_still_there():
    long = ledger("a good", "b good", "c good", "d good")
    assert trimmed(long, ["a"], keep=2) == ledger("a good", "c good", "d good")
    assert trimmed(long, [], keep=200) == long


def test_rows_of_a_ledger_from_before_a_field_was_added_are_read():
    row = {key: value for key, value in vars(replace(entry("a"))).items() if key not in ("undoes", "reason")}
    assert Ledger.read([row]).entries[0] == entry("a")
