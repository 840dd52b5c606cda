# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs that grow, and that are rotated away while somebody reads them."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import fronts
from ansible_collections.slipway.flask.plugins.module_utils._host import logs
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App
from ansible_collections.slipway.flask.plugins.module_utils._host.logs import Found

FIRST, SECOND, THIRD = (f"2026-11-03 04:14:0{second} line {second}\n" for second in (1, 2, 3))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: App) -> App:
    monkeypatch.setattr(type(app.layout), "log", PurePosixPath(tmp_path))
    (tmp_path / "nginx").mkdir()
    monkeypatch.setattr(fronts, "FRONTS", {"nginx": replace(fronts.FRONTS["nginx"], logs=str(tmp_path / "nginx"))})
    return app


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "web-1.log"


def write(path: Path, *lines: str) -> None:
    with path.open("a") as stream:
        stream.writelines(lines)


def rotate(path: Path) -> None:
    path.rename(f"{path}.1")


def texts(found: Found) -> list[str]:
    return [line.text[-6:] for line in found.lines]


def test_all_logs_are_one(here: App, log: Path) -> None:
    write(log, FIRST, THIRD)
    write(log.parent / "nginx" / "blog.error.log", SECOND)
    found = logs.look(here, 10)
    assert texts(found) == ["line 1", "line 2", "line 3"]
    assert [line.source for line in found.lines] == ["web-1", "error", "web-1"]
    assert not found.cut


def test_the_last_lines_may_begin_before_a_rotation(here: App, log: Path) -> None:
    write(log, FIRST, SECOND)
    rotate(log)
    write(log, THIRD)
    assert texts(logs.look(here, 2)) == ["line 2", "line 3"]
    assert logs.look(here, 2).cut


def test_since_and_grep(here: App, log: Path) -> None:
    write(log, FIRST, SECOND, THIRD)
    at = logs.look(here, 10).lines[1].at
    assert texts(logs.look(here, 10, since=at)) == ["line 2", "line 3"]
    assert texts(logs.look(here, 10, grep="[13]$")) == ["line 1", "line 3"]
    assert not logs.look(here, 10, since=at).cut


def test_a_long_log_is_read_from_near_its_end(here: App, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "KEPT_BYTES", 2 * len(FIRST) + 5)
    write(log, FIRST, SECOND, THIRD)
    found = logs.look(here, 10)
    assert texts(found) == ["line 2", "line 3"]
    assert found.cut


def test_what_comes_is_given_once(here: App, log: Path) -> None:
    write(log, FIRST)
    places = logs.look(here, 10).places
    assert texts(logs.wait(here, 10, "", places, 0)) == []
    write(log, SECOND, THIRD[:9])
    found = logs.wait(here, 10, "", places, 0)
    assert texts(found) == ["line 2"]
    write(log, THIRD[9:])
    assert texts(logs.wait(here, 10, "", found.places, 0)) == ["line 3"]


def test_what_comes_around_a_rotation_is_given_once(here: App, log: Path) -> None:
    write(log, FIRST)
    places = logs.look(here, 10).places
    write(log, SECOND)
    rotate(log)
    write(log, THIRD)
    found = logs.wait(here, 10, "", places, 0)
    assert texts(found) == ["line 2", "line 3"]
    assert texts(logs.wait(here, 10, "", found.places, 0)) == []


def test_a_log_that_was_emptied_begins_anew(here: App, log: Path) -> None:
    write(log, FIRST, SECOND)
    places = logs.look(here, 10).places
    log.write_text(THIRD)
    assert texts(logs.wait(here, 10, "", places, 0)) == ["line 3"]


def test_a_log_that_comes_later_is_given_whole(here: App, log: Path) -> None:
    write(log, FIRST)
    places = logs.look(here, 10).places
    write(log.with_name("web-2.log"), SECOND, THIRD)
    assert texts(logs.wait(here, 10, "", places, 0)) == ["line 2", "line 3"]


def test_waiting_ends_with_the_first_line(here: App, log: Path) -> None:
    write(log, FIRST)
    places = logs.look(here, 10).places
    threading.Timer(0.3, write, [log, SECOND, THIRD]).start()
    assert texts(logs.wait(here, 10, "3$", places, 30)) == ["line 3"]


def test_places_are_inodes_and_bytes(here: App, log: Path) -> None:
    write(log, FIRST)
    assert logs.look(here, 10).places == {"web-1": (log.stat().st_ino, len(FIRST))}


def test_an_app_without_a_front_server_has_its_own_logs_only(here: App, log: Path) -> None:
    write(log, FIRST)
    assert set(logs.sources(here)) == {"web-1", "access", "error"}
    assert set(logs.sources(replace(here, front=replace(here.front, unit="")))) == {"web-1"}
