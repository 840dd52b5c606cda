# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import Directory, File, Link, Other, render
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.file_set import Step, describe, plan

NAMES = st.sampled_from(["root", "deploy"])
MODES = st.sampled_from([0o600, 0o644, 0o755])
FILES = st.builds(File, st.binary(max_size=3), NAMES, NAMES, MODES, st.booleans())
DIRECTORIES = st.builds(Directory, NAMES, NAMES, MODES)
LINKS = st.builds(Link, st.sampled_from(["a", "b"]))
PATHS = st.sampled_from(["/a", "/a/b", "/a/b/c", "/d"])
WISHES = st.dictionaries(PATHS, FILES | DIRECTORIES | LINKS | st.none())
HOSTS = st.dictionaries(PATHS, FILES | DIRECTORIES | LINKS | st.builds(Other))


def file(content: bytes = b"x", mode: int = 0o644, secret: bool = False) -> File:
    return File(content, "root", "root", mode, secret)


@given(WISHES, HOSTS)
def test_nothing_is_left_to_do_after_the_plan(wished, host):
    try:
        steps = plan(wished, host)
    except SlipwayError:
        return
    for step in steps:
        assert host.get(step.path) == step.before
        host[step.path] = step.after
    assert plan(wished, host) == []


@given(WISHES, HOSTS)
def test_a_plan_taken_backwards_gives_the_host_that_was(wished, host):
    """What puts everything back is the planner again, with what was found as the wish."""
    try:
        steps = plan(wished, host)
    except SlipwayError:
        return
    changed = host | {step.path: step.after for step in steps}
    back = plan({step.path: step.before for step in steps}, changed)
    assert changed | {step.path: step.after for step in back} == host | {
        step.path: None for step in steps if step.before is None
    }


@given(WISHES)
def test_parents_come_before_children_and_leave_after_them(wished):
    steps = plan(wished, {path: file() for path, entry in wished.items() if entry is None})
    made = [step.path for step in steps if isinstance(step.after, Directory)]
    gone = [step.path for step in steps if step.after is None]
    assert made == sorted(made, key=lambda path: path.count("/"))
    assert gone == sorted(gone, key=lambda path: -path.count("/"))
    assert [step.path for step in steps][len(steps) - len(gone) :] == gone


@pytest.mark.parametrize(
    ("found", "wished", "sentence"),
    [
        (None, file(), "create file /p"),
        (None, Directory("root", "root", 0o755), "create directory /p"),
        (Link("a"), file(), "create file /p"),
        (file(b"y"), file(), "change content of /p"),
        (file(b"y", 0o600), file(), "change content, mode 0600 to 0644 of /p"),
        (Directory("root", "root", 0o755), Directory("app", "root", 0o755), "change owner root to app of /p"),
        (Link("a"), Link("b"), "link /p to b"),
        (file(), None, "remove /p"),
    ],
)
def test_a_step_says_what_it_does(found, wished, sentence):
    assert [step.sentence for step in plan({"/p": wished}, {"/p": found})] == [sentence]


@pytest.mark.parametrize(
    ("found", "wished", "words"),
    [
        (Directory("root", "root", 0o755), file(), "/p is a directory where a file is wished"),
        (Directory("root", "root", 0o755), Link("a"), "/p is a directory where a link is wished"),
        (file(), Directory("root", "root", 0o755), "/p is a file where a directory is wished"),
        (Link("/etc"), Directory("root", "root", 0o755), "/p is a link where a directory is wished"),
        (Other(), None, "/p is a special file where nothing is wished"),
    ],
)
def test_what_would_be_lost_is_refused(found, wished, words):
    with pytest.raises(SlipwayError, match=words):
        plan({"/p": wished}, {"/p": found})


def test_all_conflicts_are_named_at_once():
    with pytest.raises(SlipwayError, match=r"/p is a directory .*; /q is a special file"):
        plan({"/p": file(), "/q": file()}, {"/p": Directory("root", "root", 0o755), "/q": Other()})


def test_a_secret_is_never_in_a_diff():
    steps = [
        Step("/p", file(b"old hunter2"), file(b"new hunter2", secret=True)),
        Step("/p", None, file(b"hunter2", 0o640)),
        Step("/p", file(b"hunter2", 0o600), None),
    ]
    for step in steps:
        assert "hunter2" not in str(step.diff)
        assert "hunter2" not in repr(step)
        assert step.diff["before"] != step.diff["after"]


def test_a_diff_shows_what_everybody_may_read():
    diff = Step("/p", file(b"old\n"), file(b"new\n", 0o755)).diff
    assert diff["before"] == "file root:root 0644\nold\n"
    assert diff["after"] == "file root:root 0755\nnew\n"


def test_a_file_that_is_no_text_is_shown_as_its_digest():
    assert "sha256" in render(file(b"\xff\xfe"))


def test_a_description_becomes_one_table():
    assert describe(
        directories=[{"path": "/d", "mode": "0750", "group": "adm"}],
        files=[{"path": "/d/f", "content": "héllo"}, {"path": "/d/s", "content": "x", "mode": "0600", "secret": True}],
        links=[{"path": "/l", "target": "d/f"}],
        absent=["/gone"],
    ) == {
        "/d": Directory("root", "adm", 0o750),
        "/d/f": File("héllo".encode(), "root", "root", 0o644),
        "/d/s": File(b"x", "root", "root", 0o600),
        "/l": Link("d/f"),
        "/gone": None,
    }


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"absent": ["etc/x"]}, "'etc/x' is no plain absolute path"),
        ({"absent": ["/etc/../x"]}, "'/etc/../x' is no plain absolute path"),
        ({"absent": ["/etc/x/"]}, "'/etc/x/' is no plain absolute path"),
        ({"absent": ["/x"], "links": [{"path": "/x", "target": "y"}]}, "/x is listed twice"),
        ({"files": [{"path": "/x", "content": "", "mode": "420"}]}, "mode '420' of /x .* write it like \"0644\""),
        ({"directories": [{"path": "/x", "mode": "u=rwx"}]}, 'write it like "0755"'),
        ({"directories": [{"path": "/x", "owner": "33"}]}, "write the account's name"),
        ({"absent": ["a", "b"]}, "'a' is no plain absolute path.*; 'b' is no plain"),
    ],
)
def test_a_mistake_in_the_description_is_named(wish, words):
    with pytest.raises(SlipwayError, match=words):
        describe(**wish)
