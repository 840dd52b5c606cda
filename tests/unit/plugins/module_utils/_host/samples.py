# SPDX-License-Identifier: GPL-3.0-or-later
"""Small repositories and packages for the tests of the gate; nothing here needs a network."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

WSGI = "def app(environ, start_response):\n    return []\n"
PASSING = "import unittest\nclass Sample(unittest.TestCase):\n    def test_fine(self):\n        pass\n"
APPLICATION = {"wsgi.py": WSGI, "tests/__init__.py": "", "tests/test_sample.py": PASSING, "requirements.txt": ""}


def git(folder: Path, *arguments: str, stdin: str = "") -> str:
    identity = ["-c", "user.name=Sample", "-c", "user.email=sample@example.org", "-c", "protocol.file.allow=always"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], input=stdin, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, files: Mapping[str, str], subject: str = "A commit") -> str:
    """Write the files, commit everything, return the commit."""
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "--quiet", "--initial-branch=main")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", subject)
    return git(folder, "rev-parse", "HEAD")


def wheel(folder: Path, name: str, version: str, requires: str = "") -> None:
    """A package with one module of its own name, as an index would offer it."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: samples\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": "\n".join([*lines, f"{info}/RECORD,,\n"])}.items():
            archive.writestr(path, text)


def offline(folder: Path, cache: Path) -> dict[str, str]:
    """The environment in which uv knows these packages and no index."""
    return {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(folder), "UV_OFFLINE": "1", "UV_CACHE_DIR": str(cache)}


def survivors(mark: str, limit: float = 10.0) -> list[str]:
    """Processes with the mark in their command line that do not end: one that was killed still takes a moment."""
    deadline = time.monotonic() + limit
    while (found := _running(mark)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def _running(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if mark in line and int(path.parent.name) != os.getpid():
            found.append(line)
    return found


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
