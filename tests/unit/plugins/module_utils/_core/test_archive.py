# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.archive import Member, judge, stays_inside

THROUGH = "would be written through a link or a file of the same archive"
FILE, FOLDER = Member("a", "file"), Member("a", "folder")


def link(name: str, target: str) -> Member:
    return Member(name, "link", target)


@pytest.mark.parametrize(
    "members",
    [
        [],
        [Member(".", "folder"), Member("./a", "folder"), Member("./a/b", "file")],
        [Member("a/b/c", "file"), Member("a/b", "folder")],
        [FOLDER, FOLDER],
        [link("a/b/l", "../../c")],
        [link("l", "somewhere/that/is/not/there")],
        [Member("..a", "file"), Member("a..", "file"), link("l", "..a")],
    ],
)
def test_what_stays_inside_is_allowed(members):
    assert judge(members) == []


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([Member("", "file")], "'' has no usable name"),
        ([Member("a\0b", "file")], r"'a\x00b' has no usable name"),
        ([Member(".", "file")], "'.' has no usable name"),
        ([link("./", "a")], "'./' has no usable name"),
        ([Member("/etc/passwd", "file")], "'/etc/passwd' is an absolute path"),
        ([Member("//etc/passwd", "file")], "'//etc/passwd' is an absolute path"),
        ([Member("../x", "file")], "'../x' climbs out with '..'"),
        ([Member("a/../../x", "folder")], "'a/../../x' climbs out with '..'"),
        ([Member("a", "other")], "'a' is neither a file, a folder nor a symbolic link"),
        ([link("l", "/etc")], "'l' links to '/etc', which may lead outside of the archive"),
        ([link("l", "..")], "'l' links to '..', which may lead outside of the archive"),
        ([link("a/l", "../../x")], "'a/l' links to '../../x', which may lead outside of the archive"),
        ([link("a/up", ".."), link("l", "a/up/..")], "'l' links to 'a/up/..', which may lead outside of the archive"),
        ([link("l", "")], "'l' links to '', which may lead outside of the archive"),
        ([link("a", "b"), Member("a/x", "file")], f"'a/x' {THROUGH}"),
        ([FILE, Member("a/x/y", "file")], f"'a/x/y' {THROUGH}"),
        ([FILE, FILE], "'a' is there twice"),
        ([FILE, Member("./a", "file")], "'./a' is there twice"),
        ([link("a", "b"), FOLDER], "'a' is there twice"),
        ([FOLDER, link("a", "b")], "'a' is there twice"),
        ([Member("a/b", "file"), link("a", "b")], "'a' is there twice"),
    ],
)
def test_what_could_reach_outside_is_named(members, reason):
    assert judge(members) == [reason]


def test_every_problem_is_said():
    assert len(judge([Member("/a", "file"), FILE, Member("../b", "file"), FILE])) == 3


@pytest.mark.parametrize(
    ("at", "target", "inside"),
    [
        ("l", "a/b", True),
        ("l", "./a", True),
        ("a/b/l", "../../x", True),
        ("a/b/l", "../../../x", False),
        ("a/l", "./../x", True),
        ("a/l", "b/../x", False),
        ("l", "a\0b", False),
    ],
)
def test_a_link_climbs_at_its_front_and_no_further_than_the_root(at, target, inside):
    assert stays_inside(PurePosixPath(at), target) is inside
