# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret goes into one file and the processes' environment, and nowhere else, however loud the run is."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import inside
from .commits import QUICK
from .ground import Ground
from .play import Run

PLACES = "/etc /srv /usr/local /opt /home /root /tmp /var /run"
LOOKS_PAUSE = 0.02
FILE_SECRET = "a-password-in-a-configuration-file"


@contextmanager
def watching(*secrets: str) -> Iterator[list[str]]:
    """Every argument list on this machine that shows a secret meanwhile; its containers' processes are among them."""
    end, shown = threading.Event(), list[str]()

    def watch() -> None:
        while not end.wait(LOOKS_PAUSE):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    arguments = path.read_bytes().decode(errors="replace")
                except OSError:
                    continue
                if any(secret in arguments for secret in secrets):
                    shown.append(arguments.replace("\0", " "))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield shown
    finally:
        end.set()
        watcher.join()


@pytest.fixture(scope="module")
def loud(shipped_ground: Ground) -> Iterator[tuple[Ground, Run, list[str]]]:
    """A run that says all it knows."""
    here = shipped_ground
    secret_file = {"content": f"password={FILE_SECRET}\n", "secret": True, "mode": "0640"}
    here.describe(**QUICK, app_files={"local.ini": secret_file})
    here.project.new_page("With a secret file")
    with watching(here.secret, FILE_SECRET) as shown:
        run = here.play("deploy", "-vvv", "--diff").good()
    yield here, run, shown
    here.describe(**QUICK)
    here.project.reset()


def test_output_does_not_show_them(loud: tuple[Ground, Run, list[str]]) -> None:
    here, run, _ = loud
    assert "modules/release.py" in run.output
    assert here.secret not in run.output
    assert FILE_SECRET not in run.output


def test_argument_lists_do_not_show_them(loud: tuple[Ground, Run, list[str]]) -> None:
    assert loud[2] == []


def test_only_the_files_that_hold_them_show_them(loud: tuple[Ground, Run, list[str]]) -> None:
    here = loud[0]
    current = inside.sh(here.host, "readlink -f /srv/blog/current")
    release = inside.sh(here.host, "readlink -f /srv/blog/current/release")
    assert f"{current}/environment.json" in holders(here, here.secret)
    assert f"{release}/source/local.ini" in holders(here, FILE_SECRET)
    for path in holders(here, here.secret) + holders(here, FILE_SECRET):
        assert path.endswith(("/environment.json", "/source/local.ini")), path
        assert inside.sh(here.host, f"stat -c '%a %U %G' {path}") == "640 root app-blog", path


def test_neither_strangers_nor_builds_can_read_them(loud: tuple[Ground, Run, list[str]]) -> None:
    here = loud[0]
    for user in ("nobody", "build-blog", "www-data"):
        for secret in (here.secret, FILE_SECRET):
            look = f"runuser -u {user} -- grep -rlsF -e {shlex.quote(secret)} {PLACES} || true"
            assert inside.sh(here.host, look) == "", user


def test_controller_keeps_them_nowhere(loud: tuple[Ground, Run, list[str]]) -> None:
    here = loud[0]
    kept = [path for path in here.cache.rglob("*") if path.is_file() and here.secret.encode() in path.read_bytes()]
    assert kept == []


def holders(here: Ground, secret: str) -> list[str]:
    return inside.sh(here.host, f"grep -rlsF -e {shlex.quote(secret)} {PLACES} || true").split()
