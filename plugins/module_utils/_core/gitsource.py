# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a git source is, and what of a tree can be shipped."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
LONGEST_LFS_POINTER = 1024
MOST_LINKS = 40

_SCP_LIKE = re.compile(r"^[^/:\s]+:(?!//)\S+$")
_USERINFO = re.compile(r"(?<=://)[^/\s'\"]+@")


@dataclass(frozen=True)
class Entry:
    """One file of a tree: its git mode ("100644", "100755", "120000", "160000") and blob."""

    mode: str
    blob: str
    path: str

    @property
    def executable(self) -> bool:
        return self.mode == "100755"

    @property
    def link(self) -> bool:
        return self.mode == "120000"

    @property
    def submodule(self) -> bool:
        return self.mode == "160000"


def is_url(source: str) -> bool:
    """Whether git fetches it over a network or a protocol, rather than reads a folder."""
    return "://" in source or bool(_SCP_LIKE.match(source))


def mask(text: str) -> str:
    """The text without the credentials of any URL in it."""
    return _USERINFO.sub("***@", text)


def credentials(text: str) -> set[str]:
    """Every secret that a URL in the text carries: the whole of `user:password`, and the password."""
    found = {match.removesuffix("@") for match in _USERINFO.findall(text)} - {"git"}
    return found | {userinfo.partition(":")[2] for userinfo in found if ":" in userinfo} - {""}


def split_credentials(url: str) -> tuple[str, str]:
    """An http(s) URL without its `user:password`, and these: they go to git where no `ps` shows them."""
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if parts.scheme not in ("http", "https") or not at:
        return url, ""
    return urlunsplit(parts._replace(netloc=host)), userinfo


def parse_tree(listing: bytes) -> list[Entry]:
    """The entries of `git ls-tree -r -z`; a name that is not UTF-8 keeps its bytes as surrogates."""
    entries = []
    for line in listing.split(b"\0")[:-1]:
        meta, _tab, path = line.partition(b"\t")
        mode, _kind, blob = meta.decode("ascii").split(" ")
        entries.append(Entry(mode, blob, path.decode("utf-8", "surrogateescape")))
    return entries


def near(wanted: str, known: Iterable[str]) -> str:
    """`, did you mean ...?` for a name that is close to known ones, else what there is."""
    names = sorted(set(known))
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    more = " ..." if len(names) > 8 else ""
    return f"There is: {', '.join(names[:8])}{more}" if names else "There is none."


def problems(entries: Sequence[Entry], links: Mapping[str, str], pointers: Sequence[str]) -> list[str]:
    """What keeps a tree from being shipped whole: said all at once, each with its paths."""
    submodules = [entry.path for entry in entries if entry.submodule]
    odd = [repr(entry.path) for entry in entries if not _is_plain(entry.path)]
    leaving = [f"{path} -> {links[path]}" for path in links if leaves(path, links)]
    found = [
        (submodules, "git submodules are not shipped; vendor them, or install them as packages"),
        (pointers, "files in Git LFS are not shipped, only their pointers would be; commit the files themselves"),
        (leaving, "symbolic links that leave the project cannot be shipped; replace them by what they point to"),
        (odd, "file names that no archive can carry safely; rename them"),
    ]
    return [f"{why}: {_some(paths)}" for paths, why in found if paths]


def leaves(path: str, links: Mapping[str, str]) -> bool:
    """Whether following the link ends, or passes, outside the tree (or goes round in circles)."""
    at: list[str] = path.split("/")[:-1]
    ahead = links[path].split("/")[::-1]
    followed = 1
    if links[path].startswith("/"):
        return True
    while ahead:
        part = ahead.pop()
        if part == ".." and not at:
            return True
        if part == "..":
            at.pop()
        elif part not in ("", "."):
            at.append(part)
        target = links.get("/".join(at)) if part not in ("", ".", "..") else None
        if target is not None:
            followed += 1
            if target.startswith("/") or followed > MOST_LINKS:
                return True
            at.pop()
            ahead += target.split("/")[::-1]
    return False


def _is_plain(path: str) -> bool:
    parts = path.split("/")
    encodable = path.isprintable() and not any("\ud800" <= char <= "\udfff" for char in path)
    return encodable and posixpath.normpath(path) == path and parts[0] not in ("", "..") and ".git" not in parts


def _some(paths: Sequence[str], most: int = 10) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
