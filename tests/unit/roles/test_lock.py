# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs no database of the program that holds a lock; how it waits and gives up is tried on hosts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

LOCK = Path(__file__).parents[3] / "roles/supervisor/files/lock.py"


@pytest.fixture(scope="module")
def lock(program: Callable[[str], ModuleType]) -> ModuleType:
    return program("supervisor/files/lock.py")


def ran(url: str, *command: str) -> subprocess.CompletedProcess[str]:
    # without what pytest was started with, and so without any driver
    argv = [sys.executable, "-S", str(LOCK), "--wait", "1", "migrate", *command]
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url}
    return subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.parametrize("url", ["", "sqlite:////srv/blog/blog.db", "mysql://db/blog"])
def test_with_nobody_to_share_with_the_command_simply_runs(url: str) -> None:
    done = ran(url, "sh", "-c", "echo done; exit 3")
    assert (done.returncode, done.stdout) == (3, "done\n")


def test_without_a_driver_it_runs_and_says_so() -> None:
    done = ran("postgresql://db/blog", "echo", "done")
    assert done.stdout == "slipway: no psycopg or psycopg2 to lock migrate with, so it runs without\ndone\n"


def test_options_of_the_command_are_its_own() -> None:
    assert ran("", "echo", "--wait", "-c", "x").stdout == "--wait -c x\n"


def test_who_has_lost_the_lock_gives_up_before_another_one_can_have_it(lock: ModuleType) -> None:
    assert lock.ASK_SECONDS + lock.ANSWER_SECONDS < lock.FORGET_SECONDS
    options = lock.patience("beat")
    probes = options["keepalives_idle"] + options["keepalives_count"] * options["keepalives_interval"]
    assert probes < lock.FORGET_SECONDS
    assert options["application_name"].startswith("beat@")
    assert "tcp_user_timeout=20000" in options["options"]
