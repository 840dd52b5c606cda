# SPDX-License-Identifier: GPL-3.0-or-later
"""A description is read whole, or all that is wrong with it is said at once, and never a secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError, describe, public
from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.identity import AppFile

LEAST = {"app_name": "my-blog", "app_source": "https://git.example.org/blog.git"}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS | st.text(), inner, max_size=3)
)


def problems(**variables: Any) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        describe({**LEAST, **variables})
    return list(caught.value.problems)


def test_the_least_description_has_every_default() -> None:
    app = describe(LEAST)
    assert (app.user, app.root, app.version, app.requirements) == ("app-my-blog", "/srv/my-blog", "HEAD", "auto")
    assert (app.test.minimum, app.test.timeout, app.keep_releases, app.health_path) == (1, 900, 5, "/")


def test_what_is_missing_is_all_said_at_once() -> None:
    with pytest.raises(DescriptionError) as caught:
        describe({"app_keep_releases": 0})
    said = str(caught.value).splitlines()
    assert [line.split(" ")[0] for line in said] == ["app_name", "app_source", "app_keep_releases"]
    assert said[0] == "app_name is missing: write app_name: my-blog"


TABLE: list[tuple[str, Any, str]] = [
    ("app_name", "My Blog", 'app_name is "My Blog": write 3 to 24'),
    ("app_name", "ab", "app_name"),
    ("app_name", "blog-", "app_name"),
    ("app_name", None, "app_name is empty"),
    ("app_name", 5, "app_name is 5 (a number): write it as a string"),
    ("app_source", "--upload-pack=x", "app_source"),
    ("app_source", "https://me:hunter2@x.org/ \n", 'app_source is "https://***@x.org/'),
    ("app_version", 1.1, "app_version is 1.1 (a number)"),
    ("app_version", "a b", "write a branch, a tag or a commit"),
    ("app_subdir", "../x", "write a path inside the project"),
    ("app_python", 3.11, "in quotes"),
    ("app_python", "3.11.4", 'such as "3.11"'),
    ("app_wsgi", "wsgi", "it must be a module, a colon and a name"),
    ("app_wsgi", ["a"], "app_wsgi is"),
    ("app_requirements", ["flask"], "Single packages go into app_packages"),
    ("app_requirements", "/etc/x", "write a path inside the project"),
    ("app_extras", "pg", 'app_extras is "pg": write a list'),
    ("app_packages", [True], "app_packages, entry 1, is true (a true/false)"),
    ("app_packages", ["-r x"], "write a Python package"),
    ("app_system_packages", ["Lib Pq"], "write the name of a Debian package"),
    ("app_test", {"minimun": 1}, "app_test has no key minimun. Did you mean minimum?"),
    ("app_test", {"colour": 1}, "app_test has no key colour. It has enabled, runner"),
    ("app_test", ["x"], "write a dictionary with enabled"),
    ("app_test", {"minimum": 0}, "app_test.minimum is 0 (a number): write a whole number, 1 or more."),
    ("app_test", {"timeout": 0}, "app_test.timeout is 0"),
    ("app_test", {"timeout": True}, "app_test.timeout is true"),
    ("app_test", {"runner": "nose"}, "write auto, unittest, pytest or command"),
    ("app_test", {"runner": "command"}, "app_test: runner is 'command' and command is empty."),
    ("app_test", {"runner": "pytest", "command": ["make"]}, "command is set and runner is 'pytest'"),
    (
        "app_test",
        {"processes": 0},
        "app_test.processes is 0 (a number): write a number of processes, 1 or more, or auto",
    ),
    ("app_test", {"runner": "pytest", "processes": "auto"}, "arguments: [-n, auto] instead"),
    ("app_test", {"enabled": "perhaps"}, "write true or false"),
    ("app_environment", {"1A": "x"}, 'A name in app_environment is "1A"'),
    ("app_environment", {"A": False}, "app_environment.A is a true/false: write it as a string, in quotes"),
    ("app_environment", "A=b", "app_environment is a string: write a dictionary"),
    ("app_environment", {"A": "nul\0"}, "app_environment.A is blank"),
    ("app_secrets", {"KEY": 123456}, "app_secrets.KEY is a number: write it as a string, in quotes"),
    ("app_secrets", {"KEY": None}, "app_secrets.KEY is empty: write a string"),
    ("app_files", {"/etc/x": "a"}, 'A name in app_files is "/etc/x"'),
    ("app_files", {"a": {"contents": "x"}}, "app_files.a has no key contents. Did you mean content?"),
    ("app_files", {"a": {"secret": True}}, "app_files.a has no content"),
    ("app_files", {"a": {"content": "x", "mode": 644}}, "app_files.a.mode is a number"),
    ("app_files", {"a": {"content": "x", "mode": "644"}}, "app_files.a.mode is a string: write the mode"),
    ("app_files", {"a": 7}, "app_files.a is a number: write a dictionary with content"),
    ("app_build_commands", "npm ci", "app_build_commands is"),
    ("app_build_commands", ["make", " "], "app_build_commands, entry 2, is blank"),
    ("app_init_commands", [["a"]], "app_init_commands, entry 1, is"),
    ("app_migrate_commands", {}, "app_migrate_commands is {} (a dictionary): write a list"),
    ("app_install_project", "yes please", 'app_install_project is "yes please": write auto, true or false.'),
    ("app_programs", ["a"], "app_programs is"),
    ("app_programs", {"Sched": "x"}, "write letters, digits and dashes, not trial, such as scheduler"),
    ("app_programs", {"trial-web": "x"}, "not trial"),
    ("app_programs", {"mail": ""}, "app_programs.mail is blank"),
    ("app_port", 80, "app_port is 80 (a number): write a port from 1024 to 65526, such as 8100."),
    ("app_port", "http", "write a port"),
    ("app_static", {"static": "x"}, "write a URL prefix that begins with a slash"),
    ("app_static", {"/static": "/x"}, "app_static./static is"),
    ("app_shared", ["."], "the whole project"),
    ("app_shared", ["a/../../b"], "write a path inside the project"),
    ("app_health_path", "healthz", "write a path that begins with a slash"),
    ("app_domains", ["*.example.org"], "write a host name alone"),
    ("app_domains", ["https://example.org"], "write a host name alone"),
    ("app_keep_releases", 1, "write a whole number, 2 or more"),
    ("app_keep_releases", True, "app_keep_releases is true"),
    ("app_user", "root", "not root"),
    ("app_root", "srv/blog", "write an absolute path"),
    ("app_root", "/srv/../etc/x", "without .."),
    ("app_root", "/etc/blog", "belongs to the system"),
    ("app_root", "/srv", "belongs to the system"),
    ("app_root", "/var/lib", "belongs to the system"),
]


@pytest.mark.parametrize(("name", "value", "said"), TABLE)
def test_bad_input_says_what_is_wrong(name: str, value: Any, said: str) -> None:
    found = problems(**{name: value})
    assert any(said in problem for problem in found), found
    assert not any("hunter2" in problem for problem in found)


def test_a_name_in_both_environments() -> None:
    (problem,) = problems(app_environment={"A": "x"}, app_secrets={"A": "y"})
    assert problem == "A stands in app_environment and in app_secrets: remove one of them."


def test_a_file_of_a_release_does_not_lie_in_what_outlives_it() -> None:
    (problem,) = problems(app_files={"instance/local.cfg": "x"}, app_shared=["uploads", "instance"])
    assert problem.startswith(
        "app_files has instance/local.cfg, which belongs to a release, and app_shared has instance"
    )
    assert "share only the folders in instance that the app writes to" in problem


def test_a_program_that_serves_takes_the_place_of_the_wsgi_callable() -> None:
    app = describe({**LEAST, "app_programs": {"web": "python serve.py", "mail": "python mail.py"}, "app_port": "9000"})
    assert (app.wsgi, app.port, list(app.programs)) == ("", 9000, ["web", "mail"])
    (problem,) = problems(app_wsgi="a:b", app_programs={"web": "x"})
    assert problem == "app_wsgi and app_programs.web both say who serves the site: remove one of them."


@pytest.mark.parametrize(("said", "means"), [("auto", None), (True, True), ("no", False)])
def test_installing_the_project_is_asked_for_or_found_out(said: object, means: bool | None) -> None:
    app = describe({**LEAST, "app_install_project": said})
    assert app.install_project is means
    assert public(app)["install_project"] == ("auto" if means is None else means)


@given(st.dictionaries(st.sampled_from(sorted(RULES)) | st.text(), JSON, max_size=6))
def test_whatever_is_written_is_understood_or_refused(raw: dict[str, Any]) -> None:
    try:
        shown = public(describe({**LEAST, **raw}))
    except DescriptionError as error:
        assert error.problems
    else:
        assert json.loads(json.dumps(shown)) == shown, "templates meet it as it is"


@given(st.dictionaries(st.from_regex(r"[A-Z]{3,8}", fullmatch=True), st.text("xyz", min_size=6), min_size=1))
def test_secrets_are_in_no_text(secrets: dict[str, str]) -> None:
    app = describe({**LEAST, "app_secrets": secrets, "app_files": {"a": {"content": "hunter2", "secret": True}}})
    for text in (repr(app), repr(public(app)), *problems(app_secrets={**secrets, "A-B": 1}, app_name="x")):
        assert not any(value in text for value in secrets.values()) and "hunter2" not in text


def test_what_is_written_is_taken_over() -> None:
    app = describe(
        {
            **LEAST,
            "app_requirements": [],
            "app_keep_releases": "7",
            "app_user": "",
            "app_subdir": "",
            "app_test": {"command": ["make", "test"], "timeout": "60", "enabled": "no", "path": None},
            "app_files": {"a": "x", "b": {"content": "y", "secret": True}, "c": {"content": "", "mode": "0600"}},
            "app_root": "/var/www/blog",
        }
    )
    assert app.requirements is None and public(app)["requirements"] == []
    assert (app.keep_releases, app.user, app.root) == (7, "app-my-blog", "/var/www/blog")
    assert (app.test.command, app.test.minimum, app.test.timeout, app.test.enabled) == (("make", "test"), 0, 60, False)
    assert app.files == (AppFile("a", "x"), AppFile("b", "y", True, "0640"), AppFile("c", "", False, "0600"))
    assert public(app)["files"]["b"] == {"secret": True, "mode": "0640"}
