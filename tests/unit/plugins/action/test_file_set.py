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
from ansible.template import Templar

from ansible_collections.slipway.flask.plugins.action.file_set import ActionModule

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
