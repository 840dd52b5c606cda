# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules are packed where Ansible looks for their packages, and nothing is left by who packs for nobody."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins import loader as loaders
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule
from ansible.template import Templar

from ansible_collections.slipway.flask.plugins.plugin_utils import packing

MODULES = ("slipway.flask.survey", "slipway.flask.release")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path / "of-a-run"))
    return tmp_path / "of-a-run"


@pytest.fixture
def action() -> ActionBase:
    task = SimpleNamespace(delegate_to=None, collections=[], environment=None, async_val=0, action="check_inventory")
    data = DataLoader()
    connection = loaders.connection_loader.get("ansible.builtin.local", PlayContext(), "/dev/null")
    return ActionModule(task, connection, PlayContext(), data, Templar(loader=data, variables={}), loaders)


def pack(action: ActionBase, modules: Sequence[str]) -> int:
    """To its end; how the process ended."""
    # by a host that was never asked which Python it has
    child = packing.begin(action, modules, {"ansible_facts": {}})
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def packed(folder: Path) -> set[str]:
    """The modules whose packages are whole."""
    names = {path.name.partition("-")[0] for path in folder.glob("ansiballz_cache/*") if path.suffix != ".lock"}
    return {name.removeprefix("ansible_collections.").replace(".plugins.modules", "") for name in names}


def test_ansible_finds_the_packages(action: ActionBase, folder: Path) -> None:
    assert (pack(action, MODULES), packed(folder)) == (0, set(MODULES))


def test_a_module_that_is_not_there_is_told_by_who_needs_it(action: ActionBase, folder: Path) -> None:
    assert (pack(action, [MODULES[0], "slipway.flask.none"]), packed(folder)) == (0, {MODULES[0]})


def test_it_cleans_up_behind_a_playbook_that_is_gone(
    action: ActionBase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["sleep", "60"]) as playbook:
        token = packing.controller.process_token(playbook.pid)
        playbook.kill()
    run = {**packing.controller.this_run(""), "pid": playbook.pid, "token": token}
    monkeypatch.setattr(packing.controller, "this_run", lambda _act: run)
    assert (pack(action, MODULES[:1]), folder.exists()) == (0, False)
