# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a remote step."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.callback import steps


def action(name: str, transport: str = "ssh") -> Any:
    task = SimpleNamespace(_uuid=f"uuid-{name}", action=name)
    return SimpleNamespace(_task=task, _connection=SimpleNamespace(transport=transport))


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Iterator[steps.Notes]:
    def send_module(self: Any, *_args: Any, **_kwargs: Any) -> str:
        ActionBase._low_level_execute_command(self, "python3")
        return "module"

    monkeypatch.setattr(ActionBase, "_execute_module", send_module)
    monkeypatch.setattr(ActionBase, "_low_level_execute_command", lambda *_args, **_kwargs: "command")
    noted = steps.Notes()
    steps.watch(noted)
    yield noted
    noted._file.close()


def test_every_module_of_an_action_counts(notes: steps.Notes) -> None:
    template = action("ansible.builtin.template")
    assert ActionBase._execute_module(template, module_name="ansible.legacy.stat") == "module"
    assert ActionBase._execute_module(template, "ansible.builtin.copy", {}) == "module"
    assert ActionBase._execute_module(template) == "module"
    assert [module for _task, module in notes.read()] == ["stat", "copy", "template"]
    assert {task for task, _module in notes.read()} == {"uuid-ansible.builtin.template"}


def test_the_controllers_own_steps_do_not_count(notes: steps.Notes) -> None:
    ActionBase._execute_module(action("command", transport="local"))
    assert notes.read() == []


def test_commands_without_a_module_count(notes: steps.Notes) -> None:
    ActionBase._low_level_execute_command(action("ansible.builtin.raw"), "true")
    ActionBase._low_level_execute_command(action("copy"), "mkdir of a module's own folder")
    survey = action("slipway.flask.survey")
    ActionBase._execute_module(survey)
    ActionBase._low_level_execute_command(survey, "apt-get install python3")
    assert [module for _task, module in notes.read()] == ["raw", "slipway.flask.survey", "survey"]


def test_everything_ends_when_the_next_begins() -> None:
    entries = [{"begun": 1.0}, {"begun": 3.0}]
    assert [end for _entry, end in steps._with_ends(entries, 7.0)] == [3.0, 7.0]
    assert steps._with_ends([], 7.0) == []
