# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's folder: private, whole, and for one run at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import gatecache
from ansible_collections.slipway.flask.plugins.module_utils._host.gatecache import GateCache


@pytest.fixture
def cache(tmp_path: Path) -> GateCache:
    return GateCache(tmp_path / "cache", "blog")


def test_only_what_the_tests_need_can_be_passed_by_others(cache: GateCache) -> None:
    with cache.locked(1):
        work = cache.fresh_work()
        private = [path for path in cache.app.iterdir() if path.is_dir() and path.stat().st_mode & 0o077 == 0]
        assert {path.name for path in private} == {"git", "locks", "artifacts", "records"}
        (work / "left").mkdir()
        assert list(cache.fresh_work().iterdir()) == []
    assert not work.exists()


def test_the_pythons_of_the_last_run_are_remembered(cache: GateCache) -> None:
    assert cache.last_pythons() == []
    with cache.locked(1):
        cache.remember_pythons(["3.11", "3.13"])
    assert GateCache(cache.root, "blog").last_pythons() == ["3.11", "3.13"]
    assert GateCache(cache.root, "shop").last_pythons() == []


def test_a_second_run_waits_its_time_and_says_for_what(cache: GateCache) -> None:
    other = GateCache(cache.root, "blog")
    started = time.monotonic()
    with cache.locked(1), pytest.raises(SlipwayError, match=str(cache.app / "lock")), other.locked(0.3):
        pytest.fail("two runs at once")
    assert 0.3 <= time.monotonic() - started < 3
    with other.locked(0):
        pass


def test_a_killed_run_holds_nothing(cache: GateCache) -> None:
    code = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX); os.kill(os.getpid(), 9)"
    with cache.locked(0):
        pass
    subprocess.run([sys.executable, "-c", code, str(cache.app / "lock")], check=False)
    with cache.locked(0):
        pass


def test_an_environment_counts_only_when_it_is_whole(cache: GateCache) -> None:
    made: list[str] = []

    def make(folder: Path) -> None:
        folder.mkdir()
        made.append(folder.name)

    def killed(folder: Path) -> None:
        make(folder)
        raise KeyboardInterrupt

    with cache.locked(0):
        with pytest.raises(KeyboardInterrupt):
            cache.venv("key", killed)
        (cache.venvs / "key" / "half").touch()
        assert not (cache.venv("key", make) / "half").exists()
        cache.venv("key", make)
    assert made == ["key", "key"]


def test_what_was_used_last_is_kept(cache: GateCache) -> None:
    with cache.locked(0):
        for number in range(gatecache.KEPT + 3):
            folder = cache.venv(str(number), Path.mkdir)
            os.utime(folder, (number, number))
        cache.prune()
        assert {path.name for path in cache.venvs.iterdir()} == {str(n) for n in range(3, gatecache.KEPT + 3)}


def test_files_are_written_whole_and_read_carefully(tmp_path: Path) -> None:
    gatecache.write_json(tmp_path / "x.json", {"b": 1, "a": 2})
    assert gatecache.read_json(tmp_path / "x.json") == {"a": 2, "b": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    for text in ("", "[1]", "{"):
        (tmp_path / "x.json").write_text(text)
        assert gatecache.read_json(tmp_path / "x.json") == {}
    assert gatecache.read_json(tmp_path / "absent") == {}


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLIPWAY_GATE_CACHE", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert gatecache.default_root() == Path("/x/slipway")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert gatecache.default_root() == Path.home() / ".cache/slipway"
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert gatecache.default_root() == Path("/var/cache/slipway")
    monkeypatch.setenv("SLIPWAY_GATE_CACHE", "/y")
    assert gatecache.default_root() == Path("/y")
