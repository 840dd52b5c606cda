# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.lock import (
    LEASE_SECONDS,
    Lock,
    Run,
    decide,
    evidence,
    refusal,
    row,
    taken,
)

MINE = Run("mine", "anna@laptop", "laptop", 4711, "deploy")
NOW = 1_000_000.0
HERS = Lock("hers", "berta@tower", "tower", 42, "rollback", since=NOW - 600, renewed=NOW - 120)
OWN = Lock("mine", "anna@laptop", "laptop", 4711, "deploy", NOW - 600, NOW - 120, {"commit": "c1"})
LAPSED = replace(HERS, renewed=NOW - LEASE_SECONDS - 1)
RESTORES = replace(LAPSED, act="restore")


@pytest.mark.parametrize(
    ("lock", "dead", "answer"),
    [
        (None, False, "take"),
        (None, True, "take"),
        (OWN, False, "renew"),
        (OWN, True, "renew"),
        (replace(OWN, renewed=LAPSED.renewed), False, "renew"),
        (HERS, False, "refuse"),
        (HERS, True, "take"),
        (replace(HERS, renewed=NOW - LEASE_SECONDS), False, "refuse"),
        (LAPSED, False, "take"),
        (LAPSED, True, "take"),
        (RESTORES, False, "refuse"),
        (RESTORES, True, "take"),
        (replace(HERS, renewed=NOW + 3600), False, "refuse"),
    ],
)
def test_who_may_do_what_about_a_lock(lock, dead, answer):
    assert decide(lock, MINE, NOW, dead) == answer


@given(st.sampled_from([None, OWN, HERS, LAPSED]), st.booleans())
def test_a_lock_that_was_taken_is_ours_and_keeps_others_out(lock, dead):
    held = taken(MINE, lock, NOW)
    assert decide(held, MINE, NOW, dead=False) == "renew"
    assert decide(held, replace(MINE, token="third"), NOW, dead=False) == "refuse"
    assert (held.by, held.controller, held.pid, held.act) == ("anna@laptop", "laptop", 4711, "deploy")


def test_renewing_keeps_the_beginning_and_taking_over_starts_anew():
    assert (taken(MINE, OWN, NOW).since, taken(MINE, OWN, NOW).renewed) == (OWN.since, NOW)
    assert taken(MINE, LAPSED, NOW).since == NOW


def test_a_lock_keeps_what_its_run_does_until_the_run_says_more():
    """Later acts of a run do not say again what it ships, nor whether it goes back."""
    assert taken(replace(MINE, act=""), OWN, NOW) == replace(OWN, renewed=NOW)
    assert taken(MINE, OWN, NOW, {"commit": "c2"}).work == {"commit": "c2"}
    assert taken(MINE, replace(HERS, work={"commit": "c1"}), NOW).work is None


def test_a_lock_from_before_a_field_was_added_is_read():
    older = {key: value for key, value in row(HERS).items() if key != "work"}
    assert Lock.read(older) == HERS


def test_a_lock_comes_back_from_its_file_as_it_was():
    assert Lock.read(row(HERS)) == HERS
    assert row(HERS) == asdict(HERS)


def test_who_comes_second_reads_who_since_when_and_what_to_type():
    said = refusal("blog", HERS, NOW)
    for words in ("blog", "berta@tower", "process 42", "rollback", "for 10 min", "last heard of 2 min ago"):
        assert words in said
    assert "-e deploy_lock_wait=600" in said
    assert "ansible-playbook slipway.flask.unlock -i INVENTORY" in said


def test_clocks_that_disagree_make_no_negative_minutes():
    assert "for 0 min, last heard of 0 min ago" in refusal("blog", HERS, NOW - 9000)
    assert "Taken 0 min ago, last heard of 0 min ago" in evidence(HERS, NOW - 9000, busy=False)[1]


@pytest.mark.parametrize("act", ["", "deploy"])
def test_a_run_that_names_no_act_is_a_deploy(act):
    lock = replace(HERS, act=act)
    assert "process 42, deploy" in refusal("blog", lock, NOW)
    assert evidence(lock, NOW, busy=False)[0].endswith("for deploy.")


@pytest.mark.parametrize(
    ("lock", "busy", "last"),
    [
        (None, True, "Nobody holds the lock."),
        (HERS, True, "A step of it is at work on this host right now."),
        (HERS, False, "No step of it is at work on this host right now."),
    ],
)
def test_evidence_ends_with_what_happens_right_now(lock, busy, last):
    assert evidence(lock, NOW, busy)[-1] == last


def test_evidence_names_the_holder_and_the_lease():
    who, since, _ = evidence(HERS, NOW, busy=True)
    assert who == "Held by berta@tower, process 42 on tower, for rollback."
    assert since == "Taken 10 min ago, last heard of 2 min ago (it lapses after 0.5 h)."
