# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look into a commit without running anything of it, and begin a project in a folder without overwriting anything."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import detection
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import Clue
from ansible_collections.slipway.flask.plugins.module_utils._host import git, gitopen
from ansible_collections.slipway.flask.plugins.module_utils._host.gatecache import GateCache

PATIENCE_SECONDS = 60


def look(source: str, version: str, subdir: str | None, cache: GateCache) -> tuple[git.Commit, list[Clue]]:
    """The commit, and what is found in it. The mirror of a URL is the one that the gate will use."""
    with cache.locked(PATIENCE_SECONDS):
        repository = gitopen.open_source(source, version, cache.mirrors, {})
        commit = repository.resolve(version, "")
        entries = [entry for entry in repository.entries(commit.tree) if not entry.submodule and not entry.link]
        tree = {entry.path: "" for entry in entries}
        worth = [entry for entry in entries if detection.is_worth(entry.path)]
        for entry, content in zip(worth, repository.contents([entry.blob for entry in worth]), strict=True):
            tree[entry.path] = content.decode("utf-8", "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser has an opinion on the escapes in a stranger's strings
        return commit, detection.detect(tree, subdir)


def taken(folder: Path, names: Mapping[str, str]) -> list[str]:
    """Which of these files are there already, in whatever form."""
    return [name for name in names if (folder / name).exists() or (folder / name).is_symlink()]


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write every file, or none over another one."""
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as stream:
                stream.write(content)
        except OSError as error:
            raise SlipwayError(f"{path} cannot be written: {error.strerror}.") from error
