# SPDX-License-Identifier: GPL-3.0-or-later
"""What tested code can reach, and what is left of it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.testplan import AppTest
from ansible_collections.slipway.flask.plugins.module_utils._host import enclosure, isolation, runner
from tests.unit.plugins.module_utils._host.samples import survivors

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="another user needs root")
pytestmark = pytest.mark.long

LOOK = """
import json, os, pathlib, sys
home, secret = map(pathlib.Path, sys.argv[1:])
pathlib.Path("mine").write_text("x")
def readable(path):
    try:
        return bool(path.read_bytes() or True)
    except OSError:
        return False
print(json.dumps({
    "uid": os.getuid(), "groups": os.getgroups(), "cwd": os.getcwd(), "env": sorted(os.environ),
    "secret": readable(secret), "home": os.access(home / ".config", os.F_OK),
    "caps": [line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")][0],
}))
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runner.Bench:
    """A place to run code in, with our own Python in place of a virtual environment's."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    own = tmp_path / "cache"
    for folder in (own, own / "work", own / "work/tree", own / "venv", own / "venv/bin"):
        folder.mkdir(mode=0o755)
    (own / "venv/bin/python").symlink_to(os.path.realpath(sys.executable))
    (own / "secret").write_text("secret")
    prefix = os.path.realpath(sys.base_prefix)
    return runner.set_up(own / "work", own / "venv", prefix, own, AppTest(environment={"GIVEN": "1"}))


def looked(bench: runner.Bench, tmp_path: Path) -> dict[str, object]:
    (bench.work / "look.py").write_text(LOOK)
    log = tmp_path / "log"
    argv = [bench.python, str(bench.work / "look.py"), str(Path.home()), str(tmp_path / "cache/secret")]
    done = bench.run(argv, 30, log, {"FURTHER": "2"})
    assert done.ok, log.read_text()
    found: dict[str, object] = json.loads(log.read_text())
    return found


@needs_root
def test_another_user_without_powers_keys_or_sight_of_others(bench: runner.Bench, tmp_path: Path) -> None:
    assert bench.isolation.name == "user"
    found = looked(bench, tmp_path)
    assert found["uid"] not in (0, os.getuid())
    assert found["groups"] == []
    assert found["secret"] is False
    assert found["home"] is False
    assert int(str(found["caps"]), 16) == 0
    assert found["cwd"] == str(bench.tree)
    assert (bench.tree / "mine").read_text() == "x"
    given = {"FURTHER", "GIVEN", "HOME", "LANG", "PATH", "PYTHONUNBUFFERED", "TMPDIR", "VIRTUAL_ENV", isolation.MARK}
    assert set(map(str, found["env"])) - {"PWD", "OLDPWD", "LC_CTYPE"} == given  # type: ignore[call-overload]


@needs_root
def test_without_namespaces_it_is_still_another_user(tmp_path: Path) -> None:
    ways = isolation._ways(enclosure.Room(tmp_path, (), ()))
    assert [(way.name, way.user) for way in ways] == [("user", None), ("user", "nobody")]
    assert ways[1].wrap(["id"], tmp_path) == ["id"]


@needs_root
def test_bubblewrap_for_everybody_else(tmp_path: Path) -> None:
    if subprocess.run(["sh", "-c", "command -v bwrap"], check=False, capture_output=True).returncode:
        pytest.skip("no bubblewrap here")
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "secret").write_text("secret")
    room = enclosure.Room(work, (), (tmp_path, Path.home()))
    script = (
        f"test ! -e {tmp_path}/secret && touch {work}/mine && pwd && ls {Path.home()} && ls -d /proc/[0-9]* | wc -l"
    )
    argv = enclosure.in_bubblewrap(room, ["sh", "-c", script], work)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "Creating new namespace failed" in done.stderr or "setting up uid map" in done.stderr:
        pytest.skip("no user namespaces here")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == str(work)
    assert (work / "mine").exists()


@needs_root
def test_the_isolation_of_one_bench_goes_around_another(
    bench: runner.Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "choose", lambda *_: pytest.fail("it is known by now"))
    own = tmp_path / "cache"
    (own / "other/tree").mkdir(parents=True)
    prefix = os.path.realpath(sys.base_prefix)
    other = runner.set_up(own / "other", bench.venv, prefix, own, AppTest(), like=bench.isolation)
    script = f"touch {own}/other/tree/mine && ! ls {own}/work"
    assert other.run(["sh", "-c", script], 20, tmp_path / "log", {}).ok, (tmp_path / "log").read_text()
    assert (own / "other/tree/mine").exists()


def test_none_of_them_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = enclosure.Room(tmp_path, (), ())
    ways = [isolation.Isolation("user", room, lambda *_, wrong=wrong: [wrong]) for wrong in ("/no/such", "false")]
    monkeypatch.setattr(isolation, "_ways", lambda _room: ways)
    found = isolation.choose(room, ["true"], {})
    assert (found.name, found.wrap(["id"], tmp_path)) == ("none", ["id"])


@pytest.mark.parametrize("isolated", [True, False])
def test_a_daemon_does_not_outlive_the_tests(bench: runner.Bench, tmp_path: Path, isolated: bool) -> None:
    if not isolated:
        plain = isolation.Isolation("none", enclosure.Room(bench.work, (), ()), lambda _room, argv, _cwd: list(argv))
        bench = runner.Bench(bench.work, bench.venv, plain, bench.environment, bench.mark)
    mark = secrets.token_hex(8)
    bench.run(["sh", "-c", f"setsid sh -c 'sleep 60 # {mark}' >/dev/null 2>&1 & sleep 0.2"], 20, tmp_path / "log", {})
    assert survivors(mark) == []


def test_an_answer_is_a_plain_file_or_none(bench: runner.Bench, tmp_path: Path) -> None:
    (bench.work / "out/fine").write_text("x")
    (bench.work / "out/link").symlink_to(tmp_path / "cache/secret")
    os.mkfifo(bench.work / "out/pipe")
    assert bench.answer("fine") == b"x"
    assert bench.answer("link") is None
    assert bench.answer("absent") is None
    assert not bench.answer("pipe")


def test_covers_are_outermost_and_real(tmp_path: Path) -> None:
    (tmp_path / "closed/deep/open").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    room = enclosure.make_room(tmp_path / "closed/deep/open", [Path("/usr")], tmp_path / "closed/deep")
    assert not any(a != b and a.is_relative_to(b) for a in room.covered for b in room.covered)
    assert any((tmp_path / "closed/deep/open").resolve().is_relative_to(cover) for cover in room.covered)
    assert room.put_back == [(tmp_path / "closed/deep/open").resolve()]
