# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a new project: YAML that says what was asked and found, and nothing secret."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import scaffold
from ansible_collections.slipway.flask.plugins.module_utils._core.app import describe
from ansible_collections.slipway.flask.plugins.module_utils._core.scaffold_variables import FILE, Asked, inline
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import Clue
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES

ASKED = Asked("blog", "https://git.example.org/blog.git", ("web1.example.org", "anna@[2001:db8::1]:2222"))
SECRETS = [
    Clue("app_secrets", "SECRET_KEY", "read from the environment", "config.py:3"),
    Clue("app_secrets", "MAIL_PASSWORD", "read from the environment", "config.py:4"),
    Clue("app_secrets", "API_TOKEN", "read from the environment, and there has to be one", "config.py:5"),
]


def variables(asked: Asked = ASKED, clues: list[Clue] | None = None) -> Any:
    return yaml.safe_load(scaffold.files(asked, clues or [], "0.1.0")[FILE])


def test_every_file_is_read_by_who_reads_it() -> None:
    files = scaffold.files(ASKED, [], "1.2.3")
    assert yaml.safe_load(files["requirements.yml"])["collections"] == [{"name": "slipway.flask", "version": "1.2.3"}]
    assert yaml.safe_load(files["site.yml"])[0]["import_playbook"] == "slipway.flask.site"
    hosts = yaml.safe_load(files["prod/hosts.yml"])
    assert hosts["nginx_uwsgi"]["hosts"] == {
        "web1.example.org": None,
        "2001:db8::1": {"ansible_user": "anna", "ansible_port": 2222},
    }
    assert "nginx_uwsgi" in hosts["web"]["children"]


def test_a_host_at_the_controllers_address_has_another_name() -> None:
    files = scaffold.files(Asked("blog", "/x", ("web0", "root@127.0.0.1:2222")), [], "1")
    hosts = yaml.safe_load(files["prod/hosts.yml"])["nginx_uwsgi"]["hosts"]
    assert hosts == {
        "web0": None,
        "web2": {"ansible_host": "127.0.0.1", "ansible_user": "root", "ansible_port": 2222},
    }


def test_what_was_found_is_a_description_that_ships() -> None:
    clues = [Clue("app_wsgi", "shop:create_app('a')", "", "", False), Clue("app_static", {"/s": "a b"}, "x")]
    found = variables(clues=clues)
    assert found == {
        "app_name": "blog",
        "app_source": ASKED.source,
        "app_wsgi": "shop:create_app('a')",
        "app_static": {"/s": "a b"},
    }
    assert describe(found).name == "blog"


def test_a_template_has_every_name_and_sets_none() -> None:
    text = scaffold.files(Asked("", "", ()), [], "1")[FILE]
    assert yaml.safe_load(text) is None
    assert all(f"# {name}:" in text for name in VARIABLES)


def test_what_nobody_knows_is_a_comment() -> None:
    clues = [Clue("app_wsgi", None, "none", sure=False), Clue("app_test", {}, "none", sure=False)]
    text = scaffold.files(ASKED, clues, "1")[FILE]
    assert "# app_wsgi: " in text and "# app_test: " in text and "gate_untested_allowed: true" in text
    assert variables(clues=clues).keys() == {"app_name", "app_source"}
    assert variables(clues=[Clue("app_requirements", [], "none", sure=False)])["app_requirements"] == []


def test_secrets_are_names_for_the_vault() -> None:
    text = scaffold.files(ASKED, SECRETS, "1")[FILE]
    assert yaml.safe_load(text)["app_secrets"] == {
        "SECRET_KEY": "{{ vault_secret_key }}",
        "API_TOKEN": "{{ vault_api_token }}",
    }
    assert "ansible-vault encrypt_string --stdin-name vault_mail_password >> prod/group_vars/all.yml" in text
    assert "\nvault_password_file = " in scaffold.files(ASKED, SECRETS, "1")["ansible.cfg"]
    assert "\n# vault_password_file = " in scaffold.files(ASKED, SECRETS[1:2], "1")["ansible.cfg"]
    assert "openssl" not in next(line for line in text.splitlines() if "vault_api_token >>" in line)
    told = scaffold.advice(ASKED, SECRETS)
    assert [line for line in told if "vault_secret_key" in line] and not [line for line in told if "mail" in line]
    assert yaml.safe_load(scaffold.files(ASKED, SECRETS[1:2], "1")[FILE]).keys() == {"app_name", "app_source"}


def test_a_password_in_a_url_is_not_written() -> None:
    files = scaffold.files(Asked("blog", "https://anna:hunter2@git.example.org/blog.git", ()), [], "1")
    assert "hunter2" not in "".join(files.values())
    assert yaml.safe_load(files[FILE])["app_source"] == "https://git.example.org/blog.git"


def test_what_was_said_wrong_is_said_at_once() -> None:
    wrong = scaffold.problems(Asked("No", "-x", ("a b", "web1"), "", ("http://x",)))
    assert [text.split()[0] for text in wrong] == ["app_name", "app_source", "app_domains,", "host"]
    assert scaffold.problems(ASKED) == []


def test_what_was_asked_further_is_written() -> None:
    asked = Asked("blog", "/srv/x", (), "v1", ("blog.example.org",)).read_from("/srv/x\nevil: 1")
    found = variables(asked)
    assert (found["app_version"], found["app_domains"]) == ("v1", ["blog.example.org"])
    assert "evil" not in found
    assert "site_tls" not in found
    assert variables(replace(asked, hosts=("web1",)))["site_tls"] == "acme"
    assert "write your hosts into prod/hosts.yml" in " ".join(scaffold.advice(asked, []))
    assert "write app_name" in scaffold.advice(Asked("", "", ()), [])[0]


def test_report() -> None:
    clues = [Clue("app_wsgi", "a:b", "x", "a.py:1"), Clue("", None, "y"), Clue("app_subdir", "s", "z", sure=False)]
    assert scaffold.report(clues) == ["Found app_wsgi: a:b (x, a.py:1)", "Found (y)", "Guessed app_subdir: s (z)"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://git.example.org/My_Blog.git", "my-blog"),
        ("git@example.org:team/shop.git", "shop"),
        ("git@example.org:shop", "shop"),
        ("/home/anna/2024-site/", "site"),
        ("/", ""),
        ("https://example.org/ab.git", ""),
    ],
)
def test_a_name_is_made_of_where_it_comes_from(source: str, name: str) -> None:
    assert scaffold.name_of(source) == name


WORDS = st.one_of(
    st.sampled_from(
        ["", "no", "1", "1.10", "a: b", "a #b", "- a", "x:y", "~", "null", "a:", "a :", "a b: c", "*a", "&a", "/a:b"]
    ),
    st.text(string.printable),
)


@given(st.recursive(WORDS, lambda inner: st.one_of(st.lists(inner), st.dictionaries(WORDS, inner)), max_leaves=8))
def test_yaml_reads_what_was_written(value: object) -> None:
    assert yaml.safe_load(f"key: {inline(value)}") == {"key": value}


@given(st.text(), st.text(), st.text())
def test_no_comment_becomes_a_line(said: str, where: str, origin: str) -> None:
    clue = Clue("app_subdir", "a", said, where)
    assert variables(ASKED.read_from(origin), [clue]).keys() == {"app_name", "app_source", "app_subdir"}
