# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commits, trees and files out of a git repository, without ever touching a work tree or asking a person."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ansible_collections.slipway.flask.plugins.module_utils._core import gitsource
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import command

READ_SECONDS = 120
# Nobody is asked for anything, no lock is taken in a person's repository, no replaced object is shipped.
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
_KEPT = (
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
)


@dataclass(frozen=True)
class Commit:
    """A commit, and the tree of the project in it."""

    commit: str
    tree: str
    subject: str


@dataclass(frozen=True)
class Repository:
    """Where git reads from. `prefix` is the given folder's place in it; `head` is what HEAD means there."""

    name: str
    folder: Path
    prefix: str = ""
    head: str = "HEAD"
    work_tree: bool = False

    def git(self, *arguments: str) -> command.Result:
        return run(["-C", str(self.folder), *arguments], timeout=READ_SECONDS)

    def resolve(self, version: str, subdir: str) -> Commit:
        """The commit that `version` names, and the tree of `subdir` in it."""
        asked = self.head if version == "HEAD" else version
        found = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{asked}^{{commit}}")
        if not found.ok:
            raise SlipwayError(
                f"app_version is {version!r}, but {self.name} has no such branch, tag or commit. "
                + gitsource.near(version, self._references())
            )
        commit = found.stdout.split()[-1]
        subject = self.git("show", "--no-patch", "--format=%s", commit).stdout.strip()
        return Commit(commit, self._tree(commit, subdir), subject)

    def dirty(self, subdir: str) -> list[str]:
        """What lies uncommitted in the work tree, and so is not shipped."""
        if not self.work_tree:
            return []
        said = self.git("status", "--porcelain", "--no-renames", "--untracked-files=normal", "-z", "--", subdir or ".")
        return sorted(line[3:] for line in said.stdout.split("\0") if line)

    def entries(self, tree: str) -> list[gitsource.Entry]:
        """Every file of a tree; the attributes of a repository (export-ignore, export-subst) have no say here."""
        with tempfile.TemporaryFile() as listing:
            self._read(["ls-tree", "-r", "-z", "--full-tree", tree], listing)
            return gitsource.parse_tree(listing.read())

    def contents(self, blobs: Sequence[str]) -> Iterator[bytes]:
        """The content of each blob, in order, all from one process."""
        with tempfile.TemporaryFile() as stream:
            self._read(["cat-file", "--batch"], stream, "".join(f"{blob}\n" for blob in blobs))
            for blob in blobs:
                header = stream.readline().split()
                if len(header) != 3:
                    raise SlipwayError(f"{self.name} lacks the object {blob}: the clone is damaged. Type: git fsck")
                yield stream.read(int(header[2]))
                stream.read(1)

    def _tree(self, commit: str, subdir: str) -> str:
        path = "/".join(part for part in (self.prefix + subdir).split("/") if part not in ("", "."))
        tree = self.git("rev-parse", "--verify", "--quiet", f"{commit}:{path}").stdout.strip()
        if not tree or self.git("cat-file", "-t", tree).stdout.strip() != "tree":
            folders = self.git("ls-tree", "-d", "-r", "--name-only", "--full-tree", "-z", commit).stdout.split("\0")
            raise SlipwayError(
                f"app_subdir is {subdir!r}, but commit {commit[:10]} of {self.name} has no such folder. "
                + gitsource.near(path, filter(None, folders))
            )
        return tree

    def _references(self) -> list[str]:
        said = self.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", "refs/tags", "refs/remotes")
        return said.stdout.split()

    def _read(self, arguments: Sequence[str], into: IO[bytes], stdin: str = "") -> None:
        done = run(["-C", str(self.folder), *arguments], timeout=READ_SECONDS, stdin=stdin, output=into)
        if not done.ok:
            raise SlipwayError(f"git cannot read {self.name}: {gitsource.mask(done.tail(3))}")
        into.seek(0)


def run(
    arguments: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    stdin: str | bytes = "",
    output: IO[bytes] | None = None,
) -> command.Result:
    """Run git in our environment, less what a surrounding git command (a hook) has put there."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    return command.run(
        ["git", *arguments], timeout=timeout, env={**ours, **_QUIET, **(environment or {})}, stdin=stdin, output=output
    )
