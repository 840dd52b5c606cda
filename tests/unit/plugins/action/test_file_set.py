# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the contents of files come from. tests/templates renders those of the roles in the same way."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase
from ansible.template import Templar

from ansible_collections.slipway.flask.plugins.action.file_set import ActionModule
from ansible_collections.slipway.flask.plugins.module_utils._core.entries import File
from ansible_collections.slipway.flask.plugins.module_utils._core.seen import note, seal
from ansible_collections.slipway.flask.plugins.plugin_utils.run_key import KEY

VARIABLES = {"who": "world", "ansible_managed": "Mine"}


@pytest.fixture
def action(tmp_path: Path) -> ActionModule:
    contents = {
        "templates/a.j2": "{% include 'b.j2' %}\n\n{{ ansible_managed }}: {{ who }}, {{ more | default('no more') }}\n",
        "templates/b.j2": "# part",
        "files/page.html": "<h1>{{ as it stands }}</h1>",
    }
    for name, text in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    loader = DataLoader()
    task = SimpleNamespace(get_search_path=lambda: [str(tmp_path)])
    return ActionModule(task, None, None, loader, Templar(loader=loader, variables=VARIABLES), None)


@pytest.mark.parametrize(
    ("named", "content"),
    [
        ({"template": "a.j2"}, "# part\nMine: world, no more\n"),
        ({"template": "a.j2", "vars": {"more": "and more"}}, "# part\nMine: world, and more\n"),
        ({"source": "page.html"}, "<h1>{{ as it stands }}</h1>"),
        ({"content": "{{ given }}"}, "{{ given }}"),
    ],
)
def test_a_file_is_filled(action: ActionModule, named: dict[str, Any], content: str) -> None:
    assert action.filled({"path": "/a", "mode": "0600", **named}, VARIABLES) == {
        "path": "/a",
        "mode": "0600",
        "content": content,
    }


def test_who_manages_it_is_said_where_nobody_says_otherwise(action: ActionModule) -> None:
    said = action.filled({"path": "/a", "template": "a.j2"}, {"who": "you"})["content"]
    assert "Ansible managed: you" in said


def test_two_origins_are_one_too_many(action: ActionModule) -> None:
    with pytest.raises(AnsibleActionFail, match=r"/a has content and source; one of them is enough"):
        action.filled({"path": "/a", "source": "page.html", "content": "x"}, VARIABLES)


def test_a_template_that_is_not_there_is_named(action: ActionModule) -> None:
    with pytest.raises(AnsibleError, match=r"c\.j2"):
        action.filled({"path": "/a", "template": "c.j2"}, VARIABLES)


def test_what_is_no_file_is_left_to_the_module(action: ActionModule) -> None:
    assert action.filled("a word", VARIABLES) == "a word"


STANDS = {"/a": note(KEY, File(b"x", "root", "root", 0o644))}
FILE = {"path": "/a", "content": "x"}
NOTHING = {"changed": False, "plan": [], "paths": [], "repaired": [], "diff": []}


def run(
    action: ActionModule, monkeypatch: pytest.MonkeyPatch, seen: Any, *, changed: bool = False, **arguments: Any
) -> tuple[dict[str, Any], int]:
    """The result, and how many steps it cost."""
    steps: list[Any] = []

    def step(*given: Any, **_more: Any) -> dict[str, Any]:
        steps.append(given)
        return {"changed": changed}

    monkeypatch.setattr(ActionBase, "run", lambda *_: {})
    monkeypatch.setattr(action, "_execute_module", step)
    action._task.args = arguments
    return action.run(task_vars={"ansible_facts": {"slipway": {"cores": 2, "seen": seen}}}), len(steps)


def test_what_was_just_seen_to_stand_costs_no_step(action: ActionModule, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {"seal": seal(KEY), "entries": STANDS, "units": {"x.service": {"running": True, "enabled": False}}}
    assert run(action, monkeypatch, seen, files=[FILE]) == (NOTHING, 0)
    assert run(action, monkeypatch, seen, files=[FILE], unit={"name": "x.service", "state": "started"}) == (NOTHING, 0)
    assert run(action, monkeypatch, seen, files=[FILE], unit={"name": "x.service", "enabled": True})[1] == 1
    assert run(action, monkeypatch, seen, files=[{**FILE, "mode": "0600"}])[1] == 1


@pytest.mark.parametrize("seen", [{}, None, {"seal": "of another run", "entries": STANDS, "units": {}}])
def test_in_doubt_the_host_is_asked(action: ActionModule, monkeypatch: pytest.MonkeyPatch, seen: Any) -> None:
    assert run(action, monkeypatch, seen, files=[FILE])[1] == 1


@pytest.mark.parametrize("wrong", [{"files": [{"path": "/a"}]}, {"files": ["x"]}, {"unit": {"odd": 1}}, {"links": 3}])
def test_what_is_wrong_is_for_the_module_to_say(action: ActionModule, monkeypatch: pytest.MonkeyPatch, wrong) -> None:
    seen = {"seal": seal(KEY), "entries": STANDS, "units": {}}
    assert run(action, monkeypatch, seen, **wrong)[1] == 1


def test_after_a_change_what_was_seen_is_old(action: ActionModule, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"path": "/b", "content": "x"}
    seen = {"seal": seal(KEY), "entries": STANDS, "units": {}}
    result, _ = run(action, monkeypatch, seen, changed=True, files=[other])
    assert result["ansible_facts"] == {"slipway": {"cores": 2, "seen": {}}}
    result, _ = run(action, monkeypatch, seen, changed=False, files=[other])
    assert "ansible_facts" not in result
