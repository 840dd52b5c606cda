# SPDX-License-Identifier: GPL-3.0-or-later
"""Where requirements are found, what a lock depends on, and whether it can be installed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import lockfile
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lockfile import KNOWN_FILES, Needs, choose


@pytest.mark.parametrize(
    "there", [set(some) for size in range(1, 5) for some in itertools.combinations(KNOWN_FILES, size)]
)
def test_auto_takes_the_first_that_is_there(there: set[str]) -> None:
    assert choose("auto", [], [], there).file == next(name for name in KNOWN_FILES if name in there)


def test_a_path_none_and_further_packages() -> None:
    assert choose("requirements/prod.txt", [], ["b", "a"], {"requirements/prod.txt"}) == Needs(
        "requirements/prod.txt", (), ("a", "b")
    )
    assert choose([], ["x"], ["a"], set()) == Needs(None, (), ("a",))
    assert choose("auto", ["x"], [], {"pyproject.toml"}).extras == ("x",)


@pytest.mark.parametrize(
    ("requirements", "extras", "there", "part"),
    [
        ("auto", [], {"setup.py"}, "none of uv.lock, pylock.toml, requirements.txt, pyproject.toml"),
        ("dev.txt", [], {"requirements.txt"}, "'dev.txt', but the commit has no such file"),
        (None, [], set(), "app_requirements is None"),
        (["flask"], [], set(), "app_requirements is ['flask']"),
        ("auto", ["x"], {"requirements.txt"}, "app_extras is ['x']"),
    ],
)
def test_what_cannot_be_chosen_is_said(requirements: object, extras: list[str], there: set[str], part: str) -> None:
    with pytest.raises(SlipwayError) as caught:
        choose(requirements, extras, [], there)
    assert part in str(caught.value)


def test_locks_of_other_tools_are_known() -> None:
    assert Needs("sub/uv.lock").pinned
    assert not Needs("requirements.txt").pinned
    assert not Needs(None).pinned


def test_includes_are_followed_once_and_only_inside() -> None:
    texts = {
        "requirements.txt": "flask\n-r more/base.txt\n-c ../outside.txt\n--requirement=absent.txt\n",
        "more/base.txt": " -r ../requirements.txt\n-c pins.txt\n",
        "more/pins.txt": "",
        "unrelated.txt": "",
    }
    found = lockfile.inputs(Needs("requirements.txt"), texts, texts.__getitem__)
    assert found == ["more/base.txt", "more/pins.txt", "requirements.txt"]
    assert lockfile.inputs(Needs(None), texts, texts.__getitem__) == []


def test_a_project_depends_on_what_it_is_built_from() -> None:
    texts = dict.fromkeys(["pyproject.toml", "setup.py", "requirements.txt", "robots.txt", "uv.lock"], "")
    found = lockfile.inputs(Needs("pyproject.toml"), texts, texts.__getitem__)
    assert found == ["pyproject.toml", "requirements.txt", "setup.py"]
    assert "uv.lock" in lockfile.inputs(Needs("uv.lock"), texts, texts.__getitem__)


LOCK = """\
flask==3.1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
Jinja2[x]==3.1.6 --hash=sha256:cc
"""


def test_a_good_lock() -> None:
    assert lockfile.problems(LOCK) == []
    assert lockfile.pins(LOCK) == {"flask": "3.1.0", "jinja2": "3.1.6"}
    assert lockfile.problems("") == []


@pytest.mark.parametrize("line", ["-e .", ".", "./", ".[prod]", "--editable=.", "-e file:///x/y", "file:///x/y"])
def test_the_project_itself_is_no_part_of_its_lock(line: str) -> None:
    assert lockfile.clean(f"{line}\n{LOCK}") == LOCK


@given(st.sampled_from(["./sub", "x @ https://h/x.whl", "six==1.0", "--find-links /x", "-e git+https://h/x"]))
def test_what_has_no_hash_is_named(line: str) -> None:
    found = lockfile.problems(lockfile.clean(LOCK + line + "\n"))
    assert len(found) == 1
    assert line.split(" ")[0] in found[0]
