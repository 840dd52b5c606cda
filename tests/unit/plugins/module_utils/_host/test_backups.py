# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How backups stand, from what the program wrote down, and that nobody ships while one is brought back.

What the program does is tried on hosts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import backups, locking, state

NOW = datetime.now(UTC)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Layout, "config", property(lambda _: tmp_path))
    monkeypatch.setattr(Layout, "state", property(lambda _: tmp_path))
    return tmp_path


def happened(host: Path, *rows: tuple[str, bool, float]) -> None:
    (host / "backup.json").write_text(json.dumps({"late_days": 2}))
    lines = [
        json.dumps({"kind": kind, "ok": ok, "at": (NOW - timedelta(days=days)).isoformat()}) for kind, ok, days in rows
    ]
    # the last one was being written
    (host / "backups.jsonl").write_text("\n".join([*lines, '{"kind": "back']))


def test_where_nothing_is_backed_up(host: Path) -> None:
    assert backups.look("blog") is None
    with pytest.raises(SlipwayError, match=r"makes no backups of blog\. Write backup_time: daily"):
        backups.required("blog")


def test_the_last_one_and_the_last_good_one(host: Path) -> None:
    happened(
        host, ("backup", True, 3.5), ("drill", False, 3), ("drill", True, 2), ("backup", False, 1), ("restore", True, 0)
    )
    found: dict[str, Any] = backups.look("blog") or {}
    assert (found["last"]["ok"], found["good"]["ok"], found["drill"]["ok"]) == (False, True, True)
    assert (found["days"], found["late_days"]) == (3.5, 2)


def test_without_any_the_days_are_those_since_it_was_set_up(host: Path) -> None:
    happened(host)
    found: dict[str, Any] = backups.look("blog") or {}
    assert (found["last"], found["good"], found["drill"], found["days"]) == (None, None, None, 0.0)


RESTORES = Run("restores", "anna@laptop", "laptop", 4711, "restore")
DEPLOYS = Run("deploys", "berta@tower", "tower", 42, "deploy")


@pytest.fixture
def live(make_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A host on which the commit a is live, and a program that answers that it would and that it has."""
    made = make_host("root")
    made.ship("a")
    made.deploy("a")
    monkeypatch.setattr(backups.apps, "load", lambda _: made.app)
    monkeypatch.setattr(backups, "_answer", lambda argv: {"ok": True, "said": "", "of": []})
    return made


def test_nobody_ships_while_a_backup_is_brought_back(live: Any) -> None:
    backups.stop("blog", RESTORES)
    assert live.slots == {""}
    with pytest.raises(locking.Locked, match=r"anna@laptop \(process 4711, restore\)"):
        live.begin(DEPLOYS, "b")
    backups.restore("blog", (), RESTORES)
    backups.start("blog", RESTORES)
    assert live.slots == {"a"} and state.lock(live.app.layout) is None
    assert [act for act, *_ in live.told()] == ["deploy"]


def test_nothing_is_brought_back_under_the_hands_of_a_deploy(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live.begin(DEPLOYS, "b")
    for act in (lambda: backups.judge("blog", (), RESTORES), lambda: backups.stop("blog", RESTORES)):
        with pytest.raises(locking.Locked, match=r"berta@tower \(process 42, deploy\)"):
            act()
    # whoever could not stop it has nothing to start
    backups.start("blog", RESTORES)
    assert live.slots == {"a"} and (state.lock(live.app.layout) or RESTORES).token == "deploys"
    monkeypatch.setattr(backups, "_answer", lambda argv: {"ok": False, "said": "There is no room."})
    with pytest.raises(locking.Locked, match=r"(?s)berta@tower.*\nThere is no room\."):
        backups.judge("blog", (), RESTORES)


def test_nothing_is_brought_back_by_who_was_unlocked(live: Any) -> None:
    backups.stop("blog", RESTORES)
    locking.drop(live.app)
    with pytest.raises(SlipwayError, match="no longer holds the lock"):
        backups.restore("blog", (), RESTORES)
    backups.start("blog", RESTORES)
    assert live.slots == {"a"}


def test_a_lock_is_dropped_also_when_the_app_is_not_well_with_what_came_back(live: Any) -> None:
    backups.stop("blog", RESTORES)
    live.sick.add("a")
    with pytest.raises(SlipwayError):
        backups.start("blog", RESTORES)
    assert state.lock(live.app.layout) is None
