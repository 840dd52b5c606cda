# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the runner writes down. How it runs a command and ends it is tried on a host."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

ENVIRONMENT = {"SECRET_KEY": "hunter2hunter2", "PART": "hunter2", "DEBUG": "0", "NOTHING": ""}


@pytest.fixture(scope="module")
def runner(program: Callable[[str], ModuleType]) -> ModuleType:
    return program("supervisor/files/run.py")


@pytest.mark.parametrize(
    ("command", "written"),
    [
        ("check --key=hunter2hunter2 -v0", "check --key=$SECRET_KEY -v0"),
        ("check hunter2 xhunter2y", "check $PART x$PARTy"),
        ("flask routes", "flask routes"),
    ],
)
def test_values_of_the_environment_are_not_written_down(runner: ModuleType, command: str, written: str) -> None:
    assert runner.masked(command, ENVIRONMENT) == written


def test_a_long_command_is_cut(runner: ModuleType) -> None:
    assert len(runner.masked("x" * 9000, ENVIRONMENT)) == runner.MOST_OF_A_COMMAND
