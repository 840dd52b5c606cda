# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's mirror, in every way that apt's configuration may name it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.mirror import Source, deb822, lines_for, one_line, read
from tests.hosts.model import HostsError

MAIN, SECURITY = "http://mirror.example/debian", "http://mirror.example/security"
STANZAS = f"""
# a comment
Types: deb deb-src
URIs: {MAIN}
Suites: bookworm
 bookworm-updates
Components: main
# between fields
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb-src
URIs: {MAIN}
Suites: sid

Enabled: no
Types: deb
URIs: http://off.example
Suites: bookworm

Types: deb
URIs: {SECURITY}
Suites: bookworm-security
Components: main
"""
ONE_LINERS = f"""
deb {MAIN} bookworm main contrib  # trailing words
#deb http://off.example bookworm main
deb-src {MAIN} bookworm main
deb [arch=amd64 signed-by=/a/b] {MAIN} bookworm-updates main
deb [ arch=amd64 ] {SECURITY} bookworm-security main
deb
"""
EXPECTED = [Source(MAIN, "bookworm"), Source(MAIN, "bookworm-updates"), Source(SECURITY, "bookworm-security")]


def test_stanzas() -> None:
    assert list(deb822(STANZAS)) == EXPECTED


def test_one_liners() -> None:
    assert list(one_line(ONE_LINERS)) == EXPECTED


def test_another_release_comes_from_the_same_mirror() -> None:
    foreign = [Source("http://other.example", "nodistro"), *EXPECTED]
    assert lines_for(13, foreign, "bookworm") == (
        f"deb {MAIN} trixie main",
        f"deb {MAIN} trixie-updates main",
        f"deb {SECURITY} trixie-security main",
    )


def test_without_a_security_archive() -> None:
    assert len(lines_for(12, EXPECTED[:1], "bookworm")) == 2


def test_without_an_archive() -> None:
    with pytest.raises(HostsError, match="suite bookworm"):
        lines_for(12, EXPECTED[2:], "bookworm")


def test_reads_both_kinds_and_follows_mirror_files(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "mirrors.list").write_text(f"{MAIN}\nhttp://second.example\n")
    (tmp_path / "sources.list").write_text(f"deb {SECURITY} bookworm-security main\n")
    stanza = f"Types: deb\nURIs: mirror+file:{tmp_path}/mirrors.list\nSuites: bookworm\n"
    (tmp_path / "sources.list.d/debian.sources").write_text(stanza)
    assert read(tmp_path) == [Source(SECURITY, "bookworm-security"), Source(MAIN, "bookworm")]
