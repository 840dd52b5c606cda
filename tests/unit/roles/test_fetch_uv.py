# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a bare host does beside apt, with programs that stand in for dpkg-query and Python."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.templates.render import evaluate

LIMIT = 20.0
# longer than the script waits between two looks
PAUSE = 0.4
SECRET = 'http://me:hid"\\den$HOME@proxy:1'
DPKG_QUERY = "echo >> asked; cat state 2> /dev/null"
# Python's arguments, what it reads, and its session, whole at once
PYTHON = """
printf '%s\\0' "$@" > arguments; cat > read; cut -d ' ' -f 6 /proc/$$/stat > session
mv arguments python-ran
"""
CONFIGURED = "installed installed "


class Host:
    """A script that goes on until it is told to end, as apt would, after what the role puts before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("dpkg-query", DPKG_QUERY), ("python3", PYTHON)):
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)

    def begin(self, given: str | None) -> subprocess.Popen[str]:
        own = evaluate("base", "{{ __base_uv_fetch }}")
        script = f"{own}\ncat > rest\nuntil [ -e end ]; do sleep 0.02; done"
        began = subprocess.Popen(
            ["sh", "-c", script if given is not None else f"exec < /dev/null\n{script}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env={"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"},
            text=True,
        )
        assert began.stdin
        began.stdin.write(given or "")
        began.stdin.close()
        return began

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    def end(self, script: subprocess.Popen[str]) -> None:
        """It has said nothing, and nobody else holds what a connection would wait for."""
        (self.folder / "end").touch()
        assert script.wait(LIMIT) == 0
        with script.stdout as said:
            os.set_blocking(said.fileno(), False)
            assert os.read(said.fileno(), 1) == b""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_is_fetched_as_soon_as_there_is_a_python_with_pip(host: Host) -> None:
    given = str(evaluate("base", "{{ __base_uv_told }}", base_download_environment={"http_proxy": SECRET}))
    (host.folder / "state").write_text("unpacked installed ")
    script = host.begin(f"{given}settings of apt\n")
    until(lambda: (host.folder / "asked").exists() and len(host.text("asked")) > 1)
    assert not (host.folder / "python-ran").exists()
    (host.folder / "state").write_text(CONFIGURED)
    until((host.folder / "python-ran").exists)
    assert script.poll() is None
    host.end(script)
    program = (Path(__file__).parents[3] / "plugins/module_utils/_host/uvfetch.py").read_text()
    assert host.text("python-ran").split("\0") == ["-I", "-c", program.rstrip("\n"), ""]
    assert (host.text("read") + "\n", host.text("rest")) == (given, "settings of apt\n")
    assert int(host.text("session")) != os.getsid(0)


def test_it_holds_up_nobody_and_ends_with_the_script(host: Host) -> None:
    script = host.begin("{}\n")
    until((host.folder / "asked").exists)
    host.end(script)
    time.sleep(PAUSE)
    asked = host.text("asked")
    time.sleep(PAUSE)
    assert host.text("asked") == asked and not (host.folder / "python-ran").exists()


def test_nothing_is_fetched_where_nobody_tells_how(host: Host) -> None:
    (host.folder / "state").write_text(CONFIGURED)
    script = host.begin(None)
    time.sleep(PAUSE)
    host.end(script)
    assert not (host.folder / "asked").exists()
