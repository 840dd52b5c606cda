# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host that already serves what is wanted, but where a run was killed before its work was done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import leftovers, locking, state


@pytest.fixture
def killed(host):
    """Run 1 shipped `a`; run 2 was killed while it tried `b`."""
    host.ship("a")
    host.deploy("a")
    host.ship("b")
    locking.take(host.app, host.new_run())
    layout = host.app.layout
    state.link(layout.candidate, Path("activations/b"))
    host.supervisor.start("trial-web:trial")
    for folder in (layout.incoming, layout.releases / ".work", layout.activations / ".work"):
        Path(folder).mkdir()
    Path(f"{layout.current}.0123abcd.new").symlink_to("activations/b")
    Path(layout.state / "ledger.json.0123abcd.new").touch()
    return host


def test_nothing_is_left_of_a_killed_run(killed):
    app, layout = killed.app, killed.app.layout
    (step,) = leftovers.settle(app, killed.new_run(), check=False)
    assert step.text.startswith("remove what an interrupted run left: the lock of me, ")
    assert (killed.live, killed.slots, state.lock(layout)) == ("a", {"a"}, None)
    assert os.listdir(layout.activations) == ["a"]
    assert os.listdir(layout.releases) == ["release-a"]
    assert sorted(os.listdir(layout.state)) == ["busy", "history.jsonl", "ledger.json", "markers.json"]
    assert not {"candidate", "incoming"} & set(os.listdir(layout.root))
    assert not list(Path(layout.root).glob("*.new"))
    assert killed.supervisor.running("trial-web:trial") == ""
    assert leftovers.settle(app, killed.new_run(), check=False) == ()


def test_a_verdict_that_never_came_is_bad(killed):
    ledger = state.ledger(killed.app.layout)
    (entry,) = ledger.entries
    state.write_ledger(killed.app.layout, ledger.begin(entry.__class__("b", "release-b", "b", "0", "a", "me", "t")))
    leftovers.settle(killed.app, killed.new_run(), check=False)
    assert [(entry.activation, entry.verdict) for entry in state.ledger(killed.app.layout).entries] == [
        ("a", "good"),
        ("b", "bad"),
    ]


def test_check_mode_only_says_so(killed):
    before = sorted(Path(killed.app.layout.root).rglob("*"))
    assert len(leftovers.settle(killed.app, killed.new_run(), check=True)) == 1
    assert sorted(Path(killed.app.layout.root).rglob("*")) == before


def test_a_living_run_is_not_disturbed(killed):
    stranger = Run("other", "she", "there", 1)
    with pytest.raises(locking.Locked, match="Another run holds the lock of blog: me"):
        leftovers.settle(killed.app, stranger, check=False)
    assert Path(killed.app.layout.candidate).is_symlink()
    assert killed.supervisor.running("trial-web:trial") == "b"


def test_going_back_to_what_is_live_tidies_too(killed):
    answer = killed.act(killed.new_run("rollback"), "selected", to="release-a")
    assert (answer["changed"], answer["pending"]) == (True, [])
    assert state.lock(killed.app.layout) is None
    assert killed.act(killed.new_run("rollback"), "selected", to="release-a")["changed"] is False
