# SPDX-License-Identifier: GPL-3.0-or-later
"""Pythons are believed only when they run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import pythons

OWN = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which only one folder is searched."""
    monkeypatch.setattr(pythons, "SYSTEM_FOLDERS", ())
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "managed" / "own"))
    monkeypatch.setenv("PATH", f"{tmp_path}:relative:/no/such/folder")
    return tmp_path


def shim(folder: Path, minor: str, script: str) -> None:
    path = folder / f"python{minor}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_our_own_version_is_found_behind_the_virtual_environment() -> None:
    found = pythons.choose(OWN)
    assert found.minor == OWN
    assert os.path.realpath(found.path) == found.path
    assert not Path(found.path).is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix


def test_a_shim_that_fails_is_passed_over(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = alone / "second"
    second.mkdir()
    monkeypatch.setenv("PATH", f"{alone}:{second}")
    shim(alone, "3.7", "echo 'python3.7: command not found' >&2; exit 127")
    shim(second, "3.7", "printf '/opt/python3.7\\n3.7.9\\n/opt\\n'")
    assert pythons.choose("3.7") == pythons.Interpreter("/opt/python3.7", "3.7.9", "/opt")


def test_a_shim_of_another_version_is_passed_over(alone: Path) -> None:
    shim(alone, "3.7", "printf '/opt/python3.9\\n3.9.1\\n/opt\\n'")
    assert pythons.choose("3.7").minor != "3.7"


def test_a_neighbour_of_our_own_installation_is_found(alone: Path) -> None:
    (alone / "managed/3.7.9/bin").mkdir(parents=True)
    shim(alone / "managed/3.7.9/bin", "3.7", "printf '/opt/python3.7\\n3.7.9\\n/opt\\n'")
    assert pythons.choose("3.7").version == "3.7.9"


def test_the_nearest_stands_in(alone: Path) -> None:
    shim(alone, "3.8", "printf '/opt/python3.8\\n3.8.2\\n/opt\\n'")
    shim(alone, "3.7", "exit 127")
    assert pythons.choose("3.6").version == "3.8.2"
    assert pythons.choose("3.99").minor == OWN


def test_no_python_at_all(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(SlipwayError, match=r"apt install python3\.7"):
        pythons.choose("3.7")
