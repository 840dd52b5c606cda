# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who makes an environment; making one takes a package index and is seen on hosts."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._host import venv

LIMIT = 20.0


def test_two_who_want_the_same_environment_make_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, begun, may_end = [], threading.Event(), threading.Event()

    def make(folder: Path, *_: Any) -> None:
        made.append(folder)
        begun.set()
        assert may_end.wait(LIMIT)
        folder.mkdir()
        (folder / venv.COMPLETE).touch()

    monkeypatch.setattr(venv, "_make", make)
    asked = (tmp_path / "3.11-abc", tmp_path / "lock.txt", "3.11", "build-blog", tmp_path / "cache")
    both = [threading.Thread(target=venv.make, args=asked) for _ in range(2)]
    both[0].start()
    assert begun.wait(LIMIT)
    both[1].start()
    may_end.set()
    for one in both:
        one.join(LIMIT)
    assert made == [tmp_path / "3.11-abc"]


def test_what_was_not_finished_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    monkeypatch.setattr(venv, "_make", lambda folder, *_: made.append(folder))
    (tmp_path / "half").mkdir()
    venv.make(tmp_path / "half", tmp_path / "lock.txt", "3.11", "build-blog", tmp_path / "cache")
    assert made == [tmp_path / "half"]
