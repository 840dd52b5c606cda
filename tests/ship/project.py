# SPDX-License-Identifier: GPL-3.0-or-later
"""A throwaway git repository that holds the bundled blog, to which commits can be added freely."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUBDIR = "webapp"
NOBODY = ("-c", "user.name=A Developer", "-c", "user.email=developer@example.org", "-c", "commit.gpgsign=false")

Edit = str | None | Callable[[str], str]
"""New content of a file; None removes it; a function makes the new content of the old."""


class Project:
    """The blog at `folder`/webapp. `good` is a commit that goes live: the first one, until another one is settled."""

    subdir = SUBDIR

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if folder.exists():  # kept together with the hosts and their databases
            self.reset()
            return
        folder.mkdir()
        source = subprocess.run(["git", "archive", "HEAD", SUBDIR], cwd=ROOT, stdout=subprocess.PIPE, check=True)
        with tarfile.open(fileobj=io.BytesIO(source.stdout)) as tar:
            tar.extractall(folder, filter="data")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("The blog as it is")
        self.settle()

    @property
    def good(self) -> str:
        return self.git("rev-parse", "refs/heads/good")

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *NOBODY, *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, edits: Mapping[str, Edit]) -> None:
        """Change the work tree only. Paths are relative to the application's folder."""
        for name, edit in edits.items():
            path = self.folder / self.subdir / name
            if edit is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(edit(path.read_text()) if callable(edit) else edit)

    def commit(self, why: str, edits: Mapping[str, Edit] | None = None) -> str:
        """Another commit on top; its full name."""
        self.write(edits or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", why)
        return self.head

    def new_page(self, why: str) -> str:
        """A harmless commit whose tree is new: what a developer ships on a good day."""
        return self.commit(why, {"webapp/static/style.css": lambda old: f"{old}/* {why} {self.head[:12]} */\n"})

    def settle(self) -> None:
        """What is committed now went live, and others may build on it."""
        self.git("branch", "--force", "good")

    def revision(self) -> str:
        """The newest revision of the schema."""
        files = (self.folder / SUBDIR / "migrations" / "versions").glob("*.py")
        texts = (path.read_text() for path in files)
        return max(str(found) for text in texts for found in re.findall(r'^revision = "(.+)"', text, re.MULTILINE))

    def reset(self, commit: str = "") -> None:
        """Forget what came after `commit`, and everything that is not committed."""
        self.git("reset", "--quiet", "--hard", commit or self.good)
        self.git("clean", "--quiet", "--force", "-d")
