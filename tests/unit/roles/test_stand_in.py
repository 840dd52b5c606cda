# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application that waits for a deploy's decision, in a process of its own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.unit.roles.conftest import ROLES

LIMIT = 20
SHIM = """
print("loaded", flush=True)
application = "the application"
"""
SERVER = f"""
import runpy
print(runpy.run_path({str(ROLES / "supervisor/files/stand_in.py")!r})["application"])
"""


@pytest.fixture
def deploy(tmp_path: Path) -> Iterator[IO[str]]:
    """It keeps the decision locked until it closes the file."""
    with (tmp_path / "stand-in").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@pytest.fixture
def server(tmp_path: Path, deploy: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """It has loaded the application."""
    shim = tmp_path / "slipway_wsgi.py"
    shim.write_text(SHIM, encoding="utf-8")
    environment = {
        **os.environ,
        "SLIPWAY_STANDS_FOR": str(shim),
        "SLIPWAY_STAND_IN": deploy.name,
        "SLIPWAY_GENERATION": "a2/d1",
    }
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "loaded\n"
        yield running
        running.kill()


def test_it_serves_once_it_is_admitted(server, deploy):
    deploy.write("a2")
    deploy.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(0.3)
    deploy.write(" admitted")
    deploy.close()
    assert server.communicate(timeout=LIMIT)[0] == "the application\n"


@pytest.mark.parametrize("said", ["", "a2", "a3 admitted"])
def test_a_deploy_that_ends_without_a_decision_for_it_ends_it(server, deploy, said):
    deploy.write(said)
    deploy.close()
    assert "This release was not taken live." in server.communicate(timeout=LIMIT)[1]
    assert server.returncode == 1
