# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Lock
from ansible_collections.slipway.flask.plugins.module_utils._host import history

LOCK = Lock("run 0", "anna@laptop", "laptop", 4711, "deploy", 0.0, 0.0, {"commit": "c1"})


def record(app, *numbers: int, reason: str = "") -> None:
    for number in numbers:
        history.record(app.layout, replace(LOCK, token=f"run {number}"), "failed", reason)


def runs(app) -> list[str]:
    return [row["run"] for row in history.read(app.layout)]


def file(app) -> Path:
    return Path(app.layout.state / "history.jsonl")


def test_lines_are_added_in_order_for_root_alone(app):
    assert runs(app) == []
    record(app, 1, 2, 3)
    assert runs(app) == ["run 1", "run 2", "run 3"]
    assert stat.S_IMODE(file(app).stat().st_mode) == 0o600


def test_a_run_is_recorded_once_and_never_changed(app):
    record(app, 1, reason="unwell")
    before = file(app).read_bytes()
    history.record(app.layout, replace(LOCK, token="run 1"), "killed", "later")
    assert file(app).read_bytes() == before


def test_a_run_that_ships_nothing_leaves_nothing(app):
    history.record(app.layout, replace(LOCK, work=None), "killed", "")
    assert not file(app).exists()


def test_a_line_that_a_power_cut_tore_costs_only_itself(app):
    record(app, 1, 2)
    file(app).write_bytes(file(app).read_bytes()[:-20])
    record(app, 3)
    assert runs(app) == ["run 1", "run 3"]


def test_a_full_disk_leaves_no_half_line_and_is_said(app, monkeypatch):
    record(app, 1)
    before, write = file(app).read_bytes(), os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, data: write(handle, data[:10]))
        with pytest.raises(SlipwayError, match="no space left for a line of history"):
            record(app, 2)
    assert file(app).read_bytes() == before
    record(app, 2)
    assert runs(app) == ["run 1", "run 2"]


def test_the_file_is_set_aside_before_it_grows_too_large(app, monkeypatch):
    monkeypatch.setattr(history, "LARGEST", 2000)
    record(app, *range(100))
    assert runs(app) == [f"run {number}" for number in range(100 - len(runs(app)), 100)]
    assert sum(path.stat().st_size for path in file(app).parent.glob("history*")) < 2 * 2500
    assert len(runs(app)) >= 10
