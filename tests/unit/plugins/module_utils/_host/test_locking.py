# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import LEASE_SECONDS, Run
from ansible_collections.slipway.flask.plugins.module_utils._host import locking, state
from ansible_collections.slipway.flask.plugins.module_utils._host.locking import Locked

MINE = Run("mine", "anna@laptop", "laptop", 4711, "deploy")
HERS = Run("hers", "berta@tower", "tower", 42, "rollback")


def holder(app) -> str | None:
    lock = state.lock(app.layout)
    return lock.token if lock else None


def test_a_free_lock_is_taken_renewed_and_dropped(app):
    locking.take(app, MINE)
    before = state.lock(app.layout)
    locking.take(app, MINE, must_hold=True)
    after = state.lock(app.layout)
    assert before is not None and after is not None
    assert (after.token, after.since) == ("mine", before.since)
    assert after.renewed >= before.renewed
    locking.drop(app)
    locking.drop(app)
    assert holder(app) is None


def test_who_comes_second_is_told_who_was_first(app):
    locking.take(app, HERS)
    with pytest.raises(Locked, match=r"berta@tower \(process 42, rollback\)") as caught:
        locking.take(app, MINE)
    assert holder(app) == "hers"
    assert locking.blame(caught.value) == {"locked": {"token": "hers", "controller": "tower", "pid": 42}}


def test_other_errors_blame_nobody():
    assert locking.blame(SlipwayError("no disk")) == {}


def test_the_lock_of_a_dead_run_is_taken_over_at_once(app):
    locking.take(app, HERS)
    locking.take(app, replace(MINE, dead=("hers",)))
    assert holder(app) == "mine"


def test_a_dead_run_is_told_by_its_token_alone(app):
    locking.take(app, HERS)
    with pytest.raises(Locked):
        locking.take(app, replace(MINE, dead=("another",)))
    assert holder(app) == "hers"


def test_a_lock_lapses_with_its_lease(app, monkeypatch):
    locking.take(app, HERS)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LEASE_SECONDS + 5)
    locking.take(app, MINE)
    assert holder(app) == "mine"


@pytest.mark.parametrize("dead", [(), ("hers",)])
def test_a_run_that_lost_its_lock_may_not_go_on(app, dead):
    """Somebody typed unlock, and perhaps somebody else has begun and died since."""
    if dead:
        locking.take(app, HERS)
    with pytest.raises(SlipwayError, match="no longer holds the lock of blog"):
        locking.take(app, replace(MINE, dead=dead), must_hold=True)
    assert holder(app) == (dead[0] if dead else None)


def test_only_who_holds_the_lock_or_finds_it_free_may_undo(app):
    assert locking.held(app, MINE)
    locking.take(app, HERS)
    assert not locking.held(app, MINE)
    assert locking.held(app, HERS)
