# SPDX-License-Identifier: GPL-3.0-or-later
"""What a source is, what of a tree can be shipped, and where its links lead."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import gitsource
from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import Entry


@pytest.mark.parametrize("source", ["https://x/y.git", "git@host:y.git", "host:y", "ssh://h/y", "file:///y"])
def test_urls(source: str) -> None:
    assert gitsource.is_url(source)


@pytest.mark.parametrize("source", ["/srv/app", "./app", "~/app", "/a:b/c"])
def test_folders(source: str) -> None:
    assert not gitsource.is_url(source)


def test_credentials_are_split_from_http_urls_only() -> None:
    assert gitsource.split_credentials("https://u:p@h:8/y.git") == ("https://h:8/y.git", "u:p")
    assert gitsource.split_credentials("https://h/y.git") == ("https://h/y.git", "")
    assert gitsource.split_credentials("ssh://git@h/y.git") == ("ssh://git@h/y.git", "")


def test_what_has_to_stay_secret_is_known() -> None:
    assert gitsource.credentials("https://robot:secret@h/x http://token@proxy") == {"robot:secret", "secret", "token"}
    assert gitsource.credentials("ssh://git@h/x") == set()
    assert gitsource.credentials("/srv/app") == set()
    assert gitsource.credentials("https://robot:@h/x") == {"robot:"}


secrets = st.text(st.characters(codec="ascii", categories=["L", "N", "P"], exclude_characters="/@'\""), min_size=4)


@given(secrets, st.text())
def test_no_credential_survives_the_mask(secret: str, around: str) -> None:
    masked = gitsource.mask(f"fatal: 'https://user:{secret}@host/x.git' not found")
    assert masked == "fatal: 'https://***@host/x.git' not found"
    assert gitsource.mask(gitsource.mask(around)) == gitsource.mask(around)


def test_a_listing_of_git_becomes_entries() -> None:
    listing = b"100644 blob aa\ta b\xc3\xa9\n\x00160000 commit bb\tsub\x00100755 blob cc\t\xff\x00120000 blob dd\tl\x00"
    entries = gitsource.parse_tree(listing)
    assert [entry.path for entry in entries] == ["a bé\n", "sub", "\udcff", "l"]
    assert [(entry.submodule, entry.executable, entry.link) for entry in entries[1:]] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_near_names_are_offered() -> None:
    assert gitsource.near("mian", ["main", "other"]) == "Did you mean main?"
    assert gitsource.near("zzz", ["main"]) == "There is: main"
    assert gitsource.near("zzz", [f"b{number}" for number in range(9)]).endswith(" ...")
    assert gitsource.near("zzz", []) == "There is none."


def test_everything_that_cannot_be_shipped_is_said_at_once() -> None:
    odd = ["a/../b", ".git/config", "/etc", "x\ny", "\udcff"]
    entries = [Entry("160000", "a", "sub"), *(Entry("100644", "a", path) for path in odd), Entry("100644", "a", "fine")]
    said = "\n".join(gitsource.problems(entries, {"up": "../x"}, [f"f{number}.bin" for number in range(12)]))
    for part in ("submodules are not shipped", ": sub", "up -> ../x", "f0.bin", "and 2 more", *map(repr, odd)):
        assert part in said
    assert "fine" not in said
    assert gitsource.problems(entries[-1:], {"a": "fine"}, []) == []


@pytest.mark.parametrize("target", ["/etc/passwd", "../out", "a/../../out", "here/../../out", "loop", "abs/x", "up/.."])
def test_links_that_leave(target: str) -> None:
    links = {"link": target, "here": ".", "loop": "loop", "abs": "/tmp", "up": "here"}
    assert gitsource.leaves("link", links)


@pytest.mark.parametrize(
    ("path", "target"), [("link", "a/./b"), ("d/link", "../a"), ("link", "into/file"), ("link", "")]
)
def test_links_that_stay(path: str, target: str) -> None:
    assert not gitsource.leaves(path, {path: target, "into": "d/e"})


parts = st.sampled_from(["a", "b", "c", ".", ".."])
targets = st.lists(parts, min_size=1, max_size=5).map("/".join)


@given(st.dictionaries(st.sampled_from(["a", "b", "d/a", "d/b", "d/e/a"]), targets, min_size=1))
def test_a_link_that_is_taken_leads_inside_on_a_real_disk(links: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve() / "one" / "tree"
        for path, target in links.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if not (root / path).is_symlink() and not (root / path).exists():
                os.symlink(target, root / path)
        for path in links:
            if not gitsource.leaves(path, links) and (root / path).is_symlink():
                assert Path(os.path.realpath(root / path)).is_relative_to(root)
