# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory is read through Ansible's own templates, and nothing of it falls over the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.slipway.flask.plugins.plugin_utils.reading import Reading, read

T = trust_as_template


class HostVars(dict[str, dict[str, Any]]):
    """As Ansible's: the variables of a host before templating."""

    def raw_get(self, host: str) -> dict[str, Any]:
        return self[host]


def reading(
    tmp_path: Path, *rows: dict[str, Any], groups: dict[str, list[str]] | None = None, **of_play: Any
) -> Reading:
    common = {"inventory_dir": str(tmp_path), "app_name": "blog", "app_source": "."}
    hosts = {f"web{number}": {**common, **row} for number, row in enumerate(rows or ({},), 1)}
    named = groups or {"nginx_uwsgi": list(hosts), "web": list(hosts)}
    here = {**hosts["web1"], "inventory_hostname": "web1", "groups": {"all": list(hosts), **named}}
    return read({**here, "hostvars": HostVars(hosts), **of_play}, Templar(loader=DataLoader()))


def test_a_folder_is_absolute_and_a_url_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    found = reading(tmp_path, {"app_source": T("{{ 'a' }}pp")})
    assert not found.problems and found.app and found.app.source == str(tmp_path / "app")
    for url in ("https://example.org/x.git", "git@example.org:x/y", "ssh://example.org/x", "file:///x"):
        found = reading(tmp_path, {"app_source": url})
        assert found.app and found.app.source == url


def test_templates_see_other_hosts(tmp_path: Path) -> None:
    other = {"app_environment": {"DB": T("{{ hostvars['web2'].ip }}")}}
    found = reading(tmp_path, other, {**other, "ip": "10.0.0.2"})
    assert not found.problems and found.app and found.app.environment == {"DB": "10.0.0.2"}


def test_variables_of_the_play_count(tmp_path: Path) -> None:
    found = reading(tmp_path, {"app_version": "v1"}, {"app_version": "v1"}, app_version="v2", deploy_lock_wait="60")
    assert found.app and found.app.version == "v2" and found.policy and found.policy.lock_wait == 60


def test_hosts_may_be_of_different_size(tmp_path: Path) -> None:
    found = reading(tmp_path, {"web_slots": 3}, {"web_slots": "5"})
    assert not found.problems
    assert {host: one.processes("blog", "gevent", {}) for host, one in found.servers.items()} == {"web1": 3, "web2": 5}


def test_the_host_of_the_database_needs_only_the_name_of_the_app(tmp_path: Path) -> None:
    groups = {"nginx_uwsgi": ["web1"], "web": ["web1"], "databases": ["web2"]}
    found = reading(tmp_path, {}, {"postgresql_memory_mb": 64, "app_version": "other"}, groups=groups)
    assert not found.problems and found.hosts == ["web1", "web2"] and list(found.servers) == ["web1"]
    wrong = {"app_name": "shop", "postgresql_database": "my-shop"}
    problems = reading(tmp_path, {}, wrong, groups=groups).problems
    assert [text.split(":")[0] for text in problems] == [
        'app_name is "blog" on web1; app_name is "shop" on web2. It has to be the same for all hosts',
        'postgresql_database is "my-shop"',
    ]


def test_backups_are_judged_on_each_host_that_keeps_something(tmp_path: Path) -> None:
    groups = {"nginx_uwsgi": ["web1"], "web": ["web1"], "databases": ["web2"]}
    wrong = {"backup_repository": "/mnt/nas", "backup_environment": {"KEY": 12345}}
    problems = reading(tmp_path, {}, wrong, groups=groups).problems
    assert [text.split(":")[0] for text in problems] == [
        "backup_environment.KEY is a number",
        "backup_repository is set and backup_password is not",
    ]
    assert all("(on web2)" in text for text in problems)
    found = reading(tmp_path, {"backup_time": "daily"}, {"backup_time": "daily"})
    assert not found.problems and found.backups["web1"] == {"backup_time": "daily"}


def test_the_key_file_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    found = reading(tmp_path, {"gate_key_file": "~/key"})
    assert found.policy and found.policy.key_file == "/home/anna/key"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"app_source": "nowhere"}, "app_source is nowhere: no such folder, {tmp_path}/nowhere."),
        ({"app_source": "x", "inventory_dir": None}, "relative to no inventory folder"),
        ({"app_enviroment": {}}, "Did you mean app_environment?"),
        ({"app_secrets": {"A": T("{{ nope }}")}}, "app_secrets cannot be read: 'nope' is undefined."),
        ({"app_secrets": {"A": T("{{ 'hunter2' | nofilter }}")}}, "app_secrets cannot be read: a template in it fails"),
        ({"app_source": T("{{ nope }}")}, "app_source cannot be read"),
        ({"app_extras": [T("{{ 1 }}")]}, "app_extras, entry 1, is 1 (a number)"),
        ({"deploy_wave": "x"}, "deploy_wave"),
        ({"notify_mail": {"too": ["hunter2"]}}, "notify_mail has no key too. Did you mean to?"),
        ({"notify_webhook": "hunter2"}, "notify_webhook is no web address"),
        ({"notify_webhook": T("{{ 'hunter2' | nofilter }}")}, "notify_webhook cannot be read: a template in it fails"),
    ],
)
def test_bad_input_is_one_problem(tmp_path: Path, variables: dict[str, Any], said: str) -> None:
    found = reading(tmp_path, variables)
    (problem,) = found.problems
    assert said.format(tmp_path=tmp_path) in problem and "hunter2" not in problem


def test_a_problem_of_some_hosts_names_them(tmp_path: Path) -> None:
    found = reading(tmp_path, {"app_secrets": {"A": 5}}, {})
    (problem,) = found.problems
    assert problem.startswith("app_secrets.A is a number") and problem.endswith("(on web1)")


def test_without_a_stack_the_variables_are_judged_all_the_same(tmp_path: Path) -> None:
    found = reading(tmp_path, {"app_keep_releases": 1}, groups={"shop": ["web1"]})
    assert [problem.split(" ")[0] for problem in found.problems] == ["No", "app_keep_releases"]
    assert found.hosts == []
