# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host tells of files that were placed before, and when that spares a step."""

from __future__ import annotations

import grp
import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import Directory, File, Link
from ansible_collections.slipway.flask.plugins.module_utils._core.seen import fits
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import Unit, UnitState
from ansible_collections.slipway.flask.plugins.module_utils._host import seen
from ansible_collections.slipway.flask.plugins.module_utils._host.file_set import FileSet, place
from ansible_collections.slipway.flask.plugins.module_utils._host.journal import Journal, Record

ME, US = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
KEY = "a key of this run"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def wished(tmp_path: Path) -> dict[str, Any]:
    return {
        f"{tmp_path}/folder": Directory(ME, US, 0o755),
        f"{tmp_path}/folder/file": File(b"hunter2", ME, US, 0o600),
        f"{tmp_path}/link": Link("folder/file"),
        f"{tmp_path}/gone": None,
    }


@pytest.fixture
def placed(wished: dict[str, Any], state: Path) -> dict[str, Any]:
    place(FileSet(wished), check=False, state=state)
    return wished


def look(state: Path) -> dict[str, Any]:
    """As it comes over to the controller."""
    return dict(json.loads(json.dumps(seen.look(state, KEY))))


def test_what_was_placed_is_seen_to_stand(placed: dict[str, Any], state: Path) -> None:
    assert fits(look(state), KEY, placed, None)


@pytest.mark.parametrize(
    "drift",
    [
        "echo x >folder/file",
        "chmod 644 folder/file",
        "rm link; ln -s /elsewhere link",
        "rm link",
        "rm link; mkdir link",
        "chmod 700 folder",
        "touch gone",
        "rm -r folder",
    ],
)
def test_whatever_differs_does_not_stand(placed: dict[str, Any], state: Path, tmp_path: Path, drift: str) -> None:
    assert os.system(f"cd {tmp_path} && {drift}") == 0
    assert not fits(look(state), KEY, placed, None)


def test_what_was_never_placed_is_not_known(placed: dict[str, Any], state: Path) -> None:
    assert not fits(look(state), KEY, {**placed, "/nowhere/else": None}, None)


def test_a_look_by_another_run_counts_for_nothing(placed: dict[str, Any], state: Path) -> None:
    links = {path: entry for path, entry in placed.items() if isinstance(entry, Link)}
    assert fits(look(state), KEY, links, None)
    assert not fits(look(state), "a key of another run", links, None)


def test_nothing_is_told_that_a_guess_could_be_tried_on(placed: dict[str, Any], state: Path) -> None:
    other = seen.look(state, "a key of another run")
    assert "hunter2" not in json.dumps(other)
    digests = [
        {str(row[-1]) for row in told["entries"].values() if row and row[0] == "file"} for told in (other, look(state))
    ]
    assert digests[0].isdisjoint(digests[1])


def test_after_a_killed_run_nothing_is_known(placed: dict[str, Any], state: Path) -> None:
    Journal(state).write(Record({}))
    assert seen.look(state, KEY) == {}


def test_a_bare_host_has_nothing_to_tell(state: Path) -> None:
    assert seen.look(state, KEY) == {}
    assert not fits({}, KEY, {}, None)


def test_a_damaged_list_is_nothing_known(placed: dict[str, Any], state: Path) -> None:
    (state / seen.NAME).write_text("{")
    assert seen.look(state, KEY) == {}
    place(FileSet(placed), check=False, state=state)
    assert fits(look(state), KEY, placed, None)


def test_check_mode_writes_no_list(wished: dict[str, Any], state: Path) -> None:
    place(FileSet(wished), check=True, state=state)
    assert not state.exists()


@pytest.mark.parametrize(
    ("running", "enabled", "stands"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_a_unit_has_to_be_as_it_is_wished(
    placed: dict[str, Any], state: Path, monkeypatch: pytest.MonkeyPatch, running: bool, enabled: bool, stands: bool
) -> None:
    monkeypatch.setattr(seen, "look_at_units", lambda names: dict.fromkeys(names, UnitState(running, enabled)))
    seen.remember(state, (), "x.service")
    wish = Unit("x.service", enabled=True, state="started", on_change="restart")
    assert fits(look(state), KEY, placed, wish) is stands
    assert not fits(look(state), KEY, placed, Unit("unheard-of.service", state="started"))
