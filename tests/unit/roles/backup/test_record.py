# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written down of an act."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import record
from here import Failed, Here
from record import busy, recorded


def test_what_happened_is_one_line_that_only_root_reads(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Here, "state", property(lambda _: tmp_path / "state"))
    monkeypatch.setattr(record.signal, "signal", lambda *_: None)

    def fails(row: dict[str, Any]) -> None:
        row["added"] = 5
        raise Failed("no room")

    row = recorded(here, "backup", fails)
    path = tmp_path / "state/backups.jsonl"
    assert json.loads(path.read_text()) == row
    assert (row["ok"], row["said"], row["added"], row["kind"]) == (False, "no room", 5, "backup")
    assert path.stat().st_mode & 0o777 == 0o600
    assert busy(here) == []
    beside = recorded(here, "backup", lambda _: row.update(busy=busy(here), beside=recorded(here, "drill", fails)))
    assert row["busy"] == [row["beside"]["said"]]
    assert beside["ok"] and "is at work on this host" in row["beside"]["said"]
    assert len(path.read_text().splitlines()) == 2
