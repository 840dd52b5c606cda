# SPDX-License-Identifier: GPL-3.0-or-later
"""Another app on the host of the first: any source tree, an inventory of its own, and nothing of the blog's."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import inside
from .ground import Ground
from .probe import ask
from .project import ROOT, SUBDIR, Project


def pinned(package: str) -> str:
    """The package as the blog pins it: one that this machine has fetched already."""
    found = re.search(rf"(?im)^{package}==[\w.]+", (ROOT / SUBDIR / "requirements.txt").read_text())
    assert found
    return found[0]


@dataclass(frozen=True)
class Shape:
    """An application: what its users have in git, and what they write into the inventory."""

    files: Mapping[str, str]
    variables: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.variables["app_name"])


class GuestProject(Project):
    """A repository with the files of a shape."""

    subdir = ""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("As it is", files)
        self.settle()


class Guest(Ground):
    """The app of a shape on the hosts of `first`, at http://NAME.example."""

    def __init__(self, folder: Path, first: Ground, shape: Shape) -> None:
        left = folder.exists()  # by a run that was killed, on hosts that are kept
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o711)
        self.shape = shape
        project = GuestProject(folder / "project", shape.files)
        super().__init__(folder, first.wanted, project, {})
        if left:
            self.remove()

    def on(self, stack: str) -> None:
        """In an inventory of its own the same hosts are in another group."""
        self.where = shutil.copytree(self.where, self.folder / "hosts")
        self.regroup("nginx_uwsgi", stack)

    def usual(self) -> dict[str, Any]:
        return {"app_domains": [f"{self.shape.name}.example"], **self.shape.variables}

    def answer(self, path: str = "/") -> str:
        """What a visitor gets; raises OSError when it is no success."""
        return ask(self.url + path, f"{self.shape.name}.example")

    def told(self, path: str = "/") -> dict[str, Any]:
        """The same, of an application that speaks JSON."""
        found: dict[str, Any] = json.loads(self.answer(path))
        return found

    def sh(self, script: str) -> str:
        return inside.sh(self.host, script)

    def remove(self) -> None:
        """The first app shall not be its neighbour in other tests."""
        gone = {"app_state": "absent", "app_delete_data": self.shape.name}
        self.play("site", extra=gone).good()
