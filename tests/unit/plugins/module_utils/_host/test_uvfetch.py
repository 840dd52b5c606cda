# SPDX-License-Identifier: GPL-3.0-or-later
"""Who fetches uv, and what stays where that fails; pip itself is seen in test_uv.py."""

from __future__ import annotations

import inspect
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import uvfetch, venv

LIMIT = 20.0


def test_two_who_need_it_fetch_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched, begun, may_end = [], threading.Event(), threading.Event()

    def install(_tools: Path, program: Path, *_: Any) -> None:
        fetched.append(program)
        begun.set()
        assert may_end.wait(LIMIT)
        program.parent.mkdir()
        program.touch()

    monkeypatch.setattr(uvfetch, "_install", install)
    both = [threading.Thread(target=uvfetch.fetch, args=(tmp_path / "tools", "python", {})) for _ in range(2)]
    both[0].start()
    assert begun.wait(LIMIT)
    both[1].start()
    both[1].join(0.1)
    assert both[1].is_alive()
    may_end.set()
    for one in both:
        one.join(LIMIT)
    assert fetched == [uvfetch.place(tmp_path / "tools")]


@pytest.mark.parametrize(
    ("script", "said"),
    [("echo no pip >&2; exit 1", "cannot be fetched:\nno pip$"), (None, "cannot be fetched: .*such")],
)
def test_where_it_cannot_be_fetched_nothing_stays(tmp_path: Path, script: str | None, said: str) -> None:
    python = tmp_path / "python"
    if script:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    with pytest.raises(uvfetch.Failed, match=said):
        uvfetch.fetch(tmp_path / "tools", str(python), {})
    assert list((tmp_path / "tools").iterdir()) == []


def test_a_module_that_needs_it_fails_with_these_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_environment: Mapping[str, str]) -> Path:
        raise uvfetch.Failed("no network")

    monkeypatch.setattr(uvfetch, "fetch_on_host", fail)
    with pytest.raises(SlipwayError, match="no network"):
        venv.installer()


def test_its_text_runs_where_there_is_nothing_but_python(tmp_path: Path) -> None:
    """As a host runs it that gets its Python right now; it finds out here that nothing can be made below a file."""
    (tmp_path / "file").touch()
    text = inspect.getsource(uvfetch).replace("/opt/slipway", str(tmp_path / "file/tools"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", text], input="{}", capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.stderr.splitlines()[-1].startswith("NotADirectoryError")
