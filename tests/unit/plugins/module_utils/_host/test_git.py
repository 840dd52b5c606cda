# SPDX-License-Identifier: GPL-3.0-or-later
"""Commits, trees and files out of real repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import gitopen
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Repository
from tests.unit.plugins.module_utils._host.samples import commit, git


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "source"


def opened(source: object, version: str = "HEAD", mirrors: Path = Path("/nonexistent")) -> Repository:
    return gitopen.open_source(str(source), version, mirrors, {})


def test_a_version_is_a_branch_a_tag_or_a_commit(folder: Path) -> None:
    first = commit(folder, {"a": "1"}, "First: with a colon")
    git(folder, "tag", "-a", "v1", "-m", "tagged")
    git(folder, "branch", "topic")
    second = commit(folder, {"a": "2"})
    repository = opened(folder)
    assert repository.resolve("HEAD", "").commit == second
    for version in ("v1", "topic", first, first[:9], "HEAD~1", "main~1"):
        found = repository.resolve(version, "")
        assert (found.commit, found.subject) == (first, "First: with a colon")


@pytest.mark.parametrize("version", ["toppic", "--help", "-h", "v1; id", "", "HEAD:a", "deadbeef"])
def test_an_unknown_version_offers_what_is_near(folder: Path, version: str) -> None:
    commit(folder, {"a": ""})
    git(folder, "branch", "topic")
    with pytest.raises(SlipwayError) as caught:
        opened(folder).resolve(version, "")
    assert repr(version) in str(caught.value)
    assert "topic" in str(caught.value)


def test_a_subdir_has_its_own_tree(folder: Path) -> None:
    commit(folder, {"web/app/a": "", "b": ""})
    repository = opened(folder)
    tree = repository.resolve("HEAD", "web/app").tree
    assert [entry.path for entry in repository.entries(tree)] == ["a"]
    assert opened(folder / "web").resolve("HEAD", "app").tree == tree
    assert repository.resolve("HEAD", "./web//app/").tree == tree


@pytest.mark.parametrize("subdir", ["wep", "b", "../x", "web/../web"])
def test_an_absent_subdir_offers_what_is_near(folder: Path, subdir: str) -> None:
    commit(folder, {"web/a": "", "b": ""})
    with pytest.raises(SlipwayError, match=r"no such folder\. .*web"):
        opened(folder).resolve("HEAD", subdir)


def test_what_is_uncommitted_is_named_and_left_alone(folder: Path) -> None:
    commit(folder, {"web/a": "1", "web/gone": "", "b": "1", ".gitignore": "*.pyc\n"})
    (folder / "web/a").write_text("2")
    (folder / "web/gone").unlink()
    for name in ("web/new é", "b", "web/x.pyc"):
        (folder / name).write_text("2")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    repository = opened(folder)
    assert repository.dirty("web") == ["web/a", "web/gone", "web/new é"]
    assert repository.dirty("") == ["b", "web/a", "web/gone", "web/new é"]
    found = repository.resolve("HEAD", "")
    blob = next(entry.blob for entry in repository.entries(found.tree) if entry.path == "b")
    assert list(repository.contents([blob])) == [b"1"]
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_contents_come_as_they_are_and_in_order(folder: Path) -> None:
    texts = {f"f{number}": "x\n" * number for number in range(20)}
    commit(folder, {**texts, ".gitattributes": "* text eol=crlf export-ignore\n"})
    repository = opened(folder)
    entries = repository.entries(repository.resolve("HEAD", "").tree)
    found = dict(zip((entry.path for entry in entries), repository.contents([e.blob for e in entries]), strict=True))
    assert {path: found[path].decode() for path in texts} == texts


def test_a_missing_object_is_said(folder: Path) -> None:
    commit(folder, {"a": ""})
    with pytest.raises(SlipwayError, match="lacks the object"):
        list(opened(folder).contents(["0" * 40]))
    with pytest.raises(SlipwayError, match="git cannot read"):
        opened(folder).entries("0" * 40)


def test_a_surrounding_git_does_not_lead_astray(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = commit(folder, {"a": ""})
    commit(tmp_path / "other", {"a": "other"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    assert opened(folder).resolve("HEAD", "").commit == wanted


@pytest.mark.parametrize(
    ("source", "part"),
    [("relative/folder", "neither a git URL nor an absolute folder"), ("/no/such/folder", "no such folder")],
)
def test_sources_that_are_none(source: str, part: str) -> None:
    with pytest.raises(SlipwayError, match=part):
        opened(source)


def test_a_folder_outside_git(tmp_path: Path) -> None:
    with pytest.raises(SlipwayError, match="not in a git repository"):
        opened(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else(folder: Path) -> None:
    commit(folder, {"a": ""})
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, 12345, 12345)
    with pytest.raises(SlipwayError, match=f"git config --global --add safe.directory {folder}"):
        opened(folder)
