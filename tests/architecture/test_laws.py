# SPDX-License-Identifier: GPL-3.0-or-later
"""Every law holds here, and every law notices when it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import budgets, layers, words
from tests.architecture.tree import ROOT, Law

LAWS: tuple[Law, ...] = (*layers.LAWS, *words.LAWS, *budgets.LAWS)
CORE, HOST = "plugins/module_utils/_core/x.py", "plugins/module_utils/_host/x.py"
SPEC = "argument_specs: {main: {options: %s}}"
ROLE_SPEC = "roles/uwsgi/meta/argument_specs.yml"
TASKS = "roles/uwsgi/tasks/main.yml"

# Law -> trees that break it, each as path -> content.
BROKEN: dict[Law, list[dict[str, str]]] = {
    layers.core_is_pure: [
        {CORE: "import os"},
        {CORE: "def f():\n    import time"},
        {CORE: "from pathlib import Path"},
        {CORE: "from ansible.module_utils.basic import AnsibleModule"},
        {CORE: "from ansible_collections.slipway.flask.plugins.module_utils._host import files"},
        {CORE: "from .._host import files"},
    ],
    layers.host_knows_no_ansible: [
        {HOST: "from ansible.module_utils.basic import AnsibleModule"},
        {HOST: "import ansible_collections.slipway.flask.plugins.modules.release"},
    ],
    layers.plugins_look_downwards: [
        {"plugins/modules/x.py": "from ansible_collections.slipway.flask.plugins.modules import release"},
        {"plugins/modules/x.py": "from ansible.plugins.action import ActionBase"},
        {"plugins/action/x.py": "from ansible_collections.slipway.flask.plugins.modules.release import main"},
    ],
    layers.roles_have_a_layer: [{"roles/surprise/tasks/main.yml": ""}],
    layers.roles_bring_in_lower_roles: [
        {TASKS: "- ansible.builtin.import_role: {name: slipway.flask.nginx_uwsgi}"},
        {"roles/base/tasks/main.yml": "- block:\n  - include_role: {name: deploy_user}"},
    ],
    layers.stacks_are_translations: [{"roles/gevent/templates/x.j2": ""}, {"roles/tornado/handlers/main.yml": ""}],
    layers.stacks_are_one_step: [
        {"roles/gevent/tasks/main.yml": "- ansible.builtin.debug: {msg: x}"},
        {"roles/gevent/tasks/main.yml": "- ansible.builtin.import_role: {name: app}\n" * 2},
    ],
    words.roles_look_at_no_other_host: [
        {TASKS: "- debug: {msg: \"{{ groups['web'] }}\"}"},
        {"roles/uwsgi/templates/x.j2": "{{ hostvars[item].x }}"},
    ],
    words.tasks_from_has_no_suffix: [{TASKS: "- import_role: {name: x, tasks_from: y}\n- x:\n    tasks_from: y.yml"}],
    words.every_role_has_a_spec: [{TASKS: ""}],
    words.defaults_are_the_optional_options: [
        {ROLE_SPEC: SPEC % "{uwsgi_a: {type: str}}"},
        {ROLE_SPEC: SPEC % "{uwsgi_a: {required: true}}", "roles/uwsgi/defaults/main.yml": "uwsgi_a: 1"},
        {ROLE_SPEC: SPEC % "{uwsgi_a: {default: 2}}", "roles/uwsgi/defaults/main.yml": "uwsgi_a: 1"},
    ],
    words.spec_defaults_are_plain: [
        {ROLE_SPEC: SPEC % "{uwsgi_a: {default: '{{ b }}'}}"},
        {ROLE_SPEC: SPEC % "{uwsgi_a: {type: dict, options: {b: {default: '{% if c %}'}}}}"},
    ],
    words.names_belong_to_their_role: [
        {"roles/uwsgi/defaults/main.yml": "workers: 4"},
        {"roles/uwsgi/defaults/main.yml": "app_name: x"},
        {TASKS: "- stat: {path: x}\n  register: found"},
        {TASKS: "- block:\n  - ansible.builtin.set_fact: {found: 1}"},
        {"roles/uwsgi/vars/main.yml": "found: 1"},
    ],
    words.free_commands_give_a_reason: [
        {TASKS: "- name: First # with a comment\n  stat: {}\n- name: Second\n  ansible.builtin.command: x"},
        {"playbooks/site.yml": "- hosts: all\n  tasks:\n    - name: Second\n      raw: x"},
    ],
    words.inventories_use_known_names: [{"inventories/prod/group_vars/all.yml": "app_nam: x"}],
    words.the_example_shows_every_name: [{"inventories/prod/group_vars/all.yml": "app_name: x"}],
    budgets.files_are_small: [
        {TASKS: "\n" * 41},
        {"roles/uwsgi/defaults/main.yml": "\n" * 41},
        {"roles/uwsgi/templates/x.j2": "\n" * 61},
        {"plugins/modules/x.py": "\n" * 151},
        {CORE: "\n" * 151},
        {"roles/uwsgi/files/x/y.py": "\n" * 401},
    ],
    budgets.functions_are_small: [{CORE: "class A:\n  def f():\n" + "    1\n" * 40}],
    budgets.jinja_lines_are_short: [{"roles/uwsgi/templates/x.j2": "{{ a }}" + " " * 94}],
    budgets.everything_says_its_licence: [{CORE: "import re"}],
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_holds(law: Law) -> None:
    problems = list(law(ROOT))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_notices(law: Law, tmp_path: Path) -> None:
    for number, tree in enumerate(BROKEN[law]):
        root = tmp_path / str(number)
        for path, content in tree.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content)
        assert len(list(law(root))) == 1, tree


def test_a_reason_beside_a_command_will_do(tmp_path: Path) -> None:
    path = tmp_path / TASKS
    path.parent.mkdir(parents=True)
    steps = (
        "- name: A\n  user: {shell: x}\n",
        "# as no module can\n- name: B\n  command: x\n",
        "- name: C # why\n  raw: y\n",
    )
    path.write_text("\n".join(steps))
    assert not list(words.free_commands_give_a_reason(tmp_path))


def test_exceptions_are_about_something() -> None:
    gone = [name for name in budgets.EXCEPTIONS if not (ROOT / name.partition("::")[0]).exists()]
    assert not gone
