# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs no supervisord of the program that has one take over its programs; the rest is tried on hosts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def adjuster(program: Callable[[str], ModuleType]) -> ModuleType:
    return program("supervisor/files/adjust.py")


class Supervisor:
    """As much of supervisord as is asked: the groups of it that end one question later."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.answers = [["STOPPING", "RUNNING"], ["STOPPED", "STOPPED"]]

    def stopProcessGroup(self, group: str, wait: bool) -> None:
        self.told.append(f"stop {group} {wait}")

    def getAllProcessInfo(self) -> list[dict[str, str]]:
        mine = [{"group": "mail", "statename": name} for name in self.answers.pop(0)]
        return [*mine, {"group": "web", "statename": "RUNNING"}]


def test_servers_and_their_trials_are_left_alone(adjuster: ModuleType, tmp_path: Path) -> None:
    for name, background in (("web", False), ("mail", True)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name, "background": background}))
    assert adjuster.servers_of(tmp_path) == {"web", "trial-web"}


def test_a_program_has_ended_when_each_of_its_processes_has(adjuster: ModuleType) -> None:
    supervisor = Supervisor()
    adjuster.end(supervisor, "mail")
    assert supervisor.told == ["stop mail False"] and supervisor.answers == []


def test_where_supervisord_does_not_run_there_is_nothing_to_do(adjuster: ModuleType) -> None:
    assert adjuster.main("no-such-app") is None
