# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How backups stand, from what the program wrote down. That it is started, and what it does, is tried on hosts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._host import backups

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
