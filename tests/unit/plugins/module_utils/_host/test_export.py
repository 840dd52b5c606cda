# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees written down: archives that are the same everywhere, and refusals."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import export
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Repository
from tests.unit.plugins.module_utils._host.samples import commit, git

FILES = {
    "b/run": "#!/bin/sh\n",
    "a": "$Format:%H$\n",
    "é" * 60: "x",
    ".gitattributes": "* export-ignore export-subst\n",
}


def made(folder: Path) -> Repository:
    commit(folder, FILES)
    (folder / "b/run").chmod(0o755)
    (folder / "link").symlink_to("b/run")
    commit(folder, {})
    return Repository(str(folder), folder)


def archive(repository: Repository, target: Path) -> bytes:
    entries = repository.entries(repository.resolve("HEAD", "").tree)
    assert export.write_archive(repository, entries, target) == export.digest(target)
    return target.read_bytes()


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    one = archive(made(tmp_path / "one"), tmp_path / "one.tar.gz")
    other = made(tmp_path / "other")
    os.utime(tmp_path / "other/a", (1, 1))
    git(tmp_path / "other", "config", "core.autocrlf", "true")
    assert archive(other, tmp_path / "other.tar.gz") == one
    assert not list(tmp_path.glob(".*.new"))


def test_the_archive_has_the_whole_tree_and_nothing_of_the_machine(tmp_path: Path) -> None:
    archive(made(tmp_path / "source"), tmp_path / "x.tar.gz")
    with tarfile.open(tmp_path / "x.tar.gz") as packed:
        members = {member.name: member for member in packed}
        assert packed.extractfile("a").read() == b"$Format:%H$\n"  # type: ignore[union-attr]
    assert set(members) == {*FILES, "link"}
    assert list(members) == sorted(members, key=os.fsencode)
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members.values()} == {(0, 0, "", "", export.MTIME)}
    assert [members[name].mode for name in ("a", "b/run")] == [0o644, 0o755]
    assert members["link"].linkname == "b/run"


def test_files_are_written_as_they_are(tmp_path: Path) -> None:
    repository = made(tmp_path / "source")
    out = tmp_path / "out"
    out.mkdir()
    export.write_files(repository, repository.entries(repository.resolve("HEAD", "").tree), out)
    assert {str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir()} == {*FILES, "link"}
    assert os.access(out / "b/run", os.X_OK)
    assert not os.access(out / "a", os.X_OK)
    assert (out / "link").readlink() == Path("b/run")


def test_what_would_not_arrive_whole_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    commit(tmp_path / "module", {"a": ""})
    commit(source, {"big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"})
    (source / "out").symlink_to("/etc/passwd")
    git(source, "submodule", "--quiet", "add", str(tmp_path / "module"), "sub")
    commit(source, {})
    repository = Repository("it", source)
    with pytest.raises(SlipwayError) as caught:
        export.check(repository, repository.entries(repository.resolve("HEAD", "").tree), "Commit x")
    for part in (
        "Commit x cannot be shipped",
        "pointers would be",
        "big.bin",
        "submodules",
        "sub",
        "out -> /etc/passwd",
    ):
        assert part in str(caught.value)


def test_a_good_tree_is_not_refused_and_an_empty_one_is(tmp_path: Path) -> None:
    repository = made(tmp_path / "source")
    export.check(repository, repository.entries(repository.resolve("HEAD", "").tree), "It")
    with pytest.raises(SlipwayError, match="no file"):
        export.check(repository, [], "It")
