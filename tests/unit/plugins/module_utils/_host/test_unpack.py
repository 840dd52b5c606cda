# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real tar files, good ones and hostile ones, in real folders."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.archive import Member, judge
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.unpack import sync_tree, unpack

KINDS = {
    "file": tarfile.REGTYPE,
    "folder": tarfile.DIRTYPE,
    "link": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "block": tarfile.BLKTYPE,
    "character": tarfile.CHRTYPE,
}


def entry(kind: str, name: str, target: str = "", mode: int = 0o644, **pax: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.pax_headers = KINDS[kind], target, mode, pax
    info.size = len(b"content") if kind == "file" else 0
    return info


def archive(folder: Path, *entries: tarfile.TarInfo) -> Path:
    path = folder / "artifact.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for info in entries:
            tar.addfile(info, io.BytesIO(b"content"))
    return path


HOSTILE = {
    "absolute path": ([entry("file", "/etc/cron.d/x")], "/etc/cron.d/x"),
    "climbing path": ([entry("file", "../x")], "../x"),
    "path that climbs from within": ([entry("file", "a/b/../../../x")], "a/b/../../../x"),
    "absolute link": ([entry("link", "l", "/etc/shadow")], "l"),
    "link out": ([entry("link", "a/l", "../../x")], "a/l"),
    "link that climbs through another": ([entry("link", "a/up", ".."), entry("link", "out", "a/up/..")], "out"),
    "file through a link": ([entry("link", "d", "a"), entry("file", "d/x")], "d/x"),
    "folder through a link": ([entry("link", "d", "a"), entry("folder", "d/x")], "d/x"),
    "file below a file": ([entry("file", "f"), entry("file", "f/x")], "f/x"),
    "hard link inside": ([entry("file", "f"), entry("hard", "h", "f")], "h"),
    "hard link outside": ([entry("hard", "h", "/etc/shadow")], "h"),
    "block device": ([entry("block", "disk")], "disk"),
    "character device": ([entry("character", "mem")], "mem"),
    "pipe": ([entry("fifo", "p")], "p"),
    "the same name twice": ([entry("file", "f"), entry("file", "f")], "f"),
    "the same name, spelt in another way": ([entry("file", "a/f"), entry("file", "a/./f")], "a/./f"),
    "file replaced by a link": ([entry("file", "f"), entry("link", "f", "g")], "f"),
    "link replaced by a folder": ([entry("link", "d", "a"), entry("folder", "d")], "d"),
    "folder replaced by a link": ([entry("folder", "d"), entry("link", "d", "a")], "d"),
    "name with NUL": ([entry("file", "x", path="a\0b")], r"a\x00b"),
    "link to a name with NUL": ([entry("link", "l", "x", linkpath="a\0b")], "l"),
    "the root itself as a file": ([entry("file", "x", path=".")], "."),
}


@pytest.mark.parametrize(("entries", "name"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_refused_by_name_and_nothing_is_written(tmp_path, entries, name):
    path = archive(tmp_path, entry("file", "first"), *entries)
    with pytest.raises(SlipwayError, match="The artifact is refused") as caught:
        unpack(path, tmp_path / "source")
    assert f"'{name}' " in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_problems_the_first_are_shown_and_the_rest_counted(tmp_path):
    with pytest.raises(SlipwayError, match=r"'/4' .* \(and 3 more\)\.$") as caught:
        unpack(archive(tmp_path, *(entry("file", f"/{number}") for number in range(8))), tmp_path / "source")
    assert "'/5'" not in str(caught.value)


def test_a_good_archive_is_unpacked_as_it_is(tmp_path):
    unpack(
        archive(
            tmp_path,
            entry("folder", "./"),
            entry("folder", "empty"),
            entry("file", "a/b/file"),
            entry("link", "a/link", "b/file"),
            entry("link", "a/b/up", "../../empty"),
            entry("file", "na\udcefve"),
        ),
        tmp_path / "source",
    )
    source = tmp_path / "source"
    found = {str(path.relative_to(source)) for path in source.rglob("*")}
    assert found == {"empty", "a", "a/b", "a/b/file", "a/link", "a/b/up", "na\udcefve"}
    assert (source / "a/link").read_bytes() == b"content"
    assert os.readlink(source / "a/b/up") == "../../empty"


@pytest.mark.parametrize(
    ("kind", "mode", "becomes"),
    [
        ("file", 0o644, 0o644),
        ("file", 0o755, 0o755),
        ("file", 0o4755, 0o755),
        ("file", 0o6777, 0o755),
        ("file", 0o666, 0o644),
        ("file", 0o000, 0o644),
        ("file", 0o011, 0o644),
        ("folder", 0o1777, 0o755),
        ("folder", 0o2770, 0o755),
        ("folder", 0o000, 0o755),
    ],
)
def test_an_archive_decides_only_whether_a_file_can_be_run(tmp_path, kind, mode, becomes):
    unpack(archive(tmp_path, entry(kind, "x", mode=mode)), tmp_path / "source")
    assert stat.S_IMODE((tmp_path / "source/x").stat().st_mode) == becomes


@pytest.mark.parametrize("damaged", [b"x", b"", lambda data: data[:40], lambda data: data[:30] + b"\xff" + data[31:]])
def test_a_damaged_archive_is_an_error_for_people(tmp_path, damaged):
    path = archive(tmp_path, entry("file", "a"))
    path.write_bytes(damaged(path.read_bytes()) if callable(damaged) else damaged)
    with pytest.raises(SlipwayError, match=r"artifact\.tar\.gz cannot be unpacked"):
        unpack(path, tmp_path / "source")


def test_a_name_no_file_system_takes_is_an_error_for_people(tmp_path):
    with pytest.raises(SlipwayError, match="cannot be unpacked"):
        unpack(archive(tmp_path, entry("file", "x" * 300)), tmp_path / "source")


PATHS = st.lists(st.sampled_from(["a", "b", "c", "..", "."]), min_size=1, max_size=4).map("/".join)
NAMES = PATHS | PATHS.map("/{}".format)
MEMBERS = st.builds(Member, NAMES, st.sampled_from(["file", "folder"])) | st.builds(
    Member, NAMES, st.just("link"), NAMES
)


@settings(max_examples=150)
@given(st.lists(MEMBERS, max_size=6))
def test_whatever_is_accepted_stays_inside_its_folder(members):
    accepted: list[Member] = []
    for member in members:
        if not judge([*accepted, member]):
            accepted.append(member)
    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary).resolve()
        source = here / "deep/source"
        source.parent.mkdir()
        unpack(archive(here, *(entry(m.kind, m.name, m.target) for m in accepted)), source)
        assert {path.name for path in here.iterdir()} == {"artifact.tar.gz", "deep"}
        assert list(source.parent.iterdir()) == [source]
        for path in source.rglob("*"):
            assert Path(os.path.realpath(path)).is_relative_to(source), path


def test_everything_is_synced_but_what_cannot_be(tmp_path, monkeypatch):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/file").touch()
    (tmp_path / "a/dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "a/pipe")
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.readlink(f"/proc/self/fd/{handle}")))
    sync_tree(tmp_path)
    assert sorted(synced) == sorted(
        str(path) for path in (tmp_path, tmp_path / "a", tmp_path / "a/b", tmp_path / "a/file")
    )
