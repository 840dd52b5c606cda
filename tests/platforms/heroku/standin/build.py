# SPDX-License-Identifier: GPL-3.0-or-later
"""A pushed commit becomes a slug, as the Python buildpack makes one; what it says goes to whoever pushes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from .processes import USER
from .world import HOME, App, Slug, fresh

MANAGERS = ("requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock")
PYTHON = re.compile(r"^3\.(11|12|13|14)(\.\d+)?$")
PROCESS = re.compile(r"^([A-Za-z0-9_-]+):\s*(.+)$")

Say = Callable[[str], None]


class Rejected(Exception):
    """The commit is no app that can be built."""


def build(app: App, folder: Path, commit: str, subject: str, say: Say) -> Slug:
    """`folder` holds the files of the commit, and is taken."""
    say("-----> Building on the {} stack".format(app.stack.replace("heroku", "Heroku")))
    say("-----> Using buildpack: heroku/python")
    manager = _detect(folder)
    say("-----> Python app detected")
    say(f"-----> Using Python {_python(folder)} specified in .python-version")
    say(f"-----> Installing dependencies using 'pip install -r {manager}'")
    venv = _install(folder / manager, say)
    slug = HOME / "slugs" / fresh() / "app"
    slug.parent.mkdir(parents=True)
    shutil.move(folder, slug)
    _run(["chown", "-R", f"{USER}:", str(slug.parent)], {}, slug, say)
    if (slug / "bin/post_compile").exists():
        say("-----> Running bin/post_compile hook")
        path = f"{venv}/bin:/usr/local/bin:/usr/bin:/bin"
        own = {"PATH": path, "HOME": str(slug), "STACK": app.stack, "SOURCE_VERSION": commit, "LANG": "C.UTF-8"}
        if _run(["bash", "bin/post_compile"], {**app.config, **own}, slug, say, user=USER):
            raise Rejected("failed to compile Python app.")
    types = _procfile(slug / "Procfile")
    say("-----> Discovering process types")
    say(f"       Procfile declares types -> {', '.join(sorted(types)) or '(none)'}")
    size = sum(path.stat().st_size for path in slug.rglob("*") if path.is_file())
    say("-----> Compressing...")
    say(f"       Done: {size / 1e6:.1f}M")
    return Slug(commit, subject, types, slug, venv, app.stack, size)


def _detect(folder: Path) -> str:
    found = [name for name in MANAGERS if (folder / name).exists()]
    if not found:
        raise Rejected(
            "App not compatible with buildpack: Error: Your app is configured to use the Python buildpack,"
            f" but none of {', '.join(MANAGERS)} is there."
        )
    if len(found) > 1:
        raise Rejected(f"Error: Multiple Python package manager files were found: {', '.join(found)}.")
    if found != ["requirements.txt"]:
        raise Rejected(f"The stand-in builds from requirements.txt alone, and the app has {found[0]}.")
    if (folder / "runtime.txt").exists():
        raise Rejected("Error: The runtime.txt file is deprecated. Use a .python-version file instead.")
    return found[0]


def _python(folder: Path) -> str:
    path = folder / ".python-version"
    if not path.exists():
        raise Rejected("Error: No Python version was specified. Add a .python-version file.")
    said = path.read_text().strip()
    if not PYTHON.match(said):
        raise Rejected(f"Error: Invalid Python version in .python-version: {said!r}.")
    return said


def _install(requirements: Path, say: Say) -> Path:
    """An environment for each list of requirements; the buildpack has such a cache, too."""
    text = requirements.read_text()
    venv = HOME / "venvs" / hashlib.sha256(text.encode()).hexdigest()[:16]
    if venv.exists():
        say("       Using cached install")
        return venv
    fresh_one = venv.with_suffix(".new")
    shutil.rmtree(fresh_one, ignore_errors=True)
    uv = {**os.environ, "HOME": str(HOME), "UV_CACHE_DIR": str(HOME / "cache"), "UV_NO_PROGRESS": "1"}
    hashes = ["--require-hashes"] if "--hash=" in text else []
    steps = (
        ["uv", "venv", "--quiet", "--python", "/usr/bin/python3", "--relocatable", str(fresh_one)],
        ["uv", "pip", "install", "--python", str(fresh_one), *hashes, "--requirement", str(requirements)],
    )
    for step in steps:
        if _run(step, uv, requirements.parent, say):
            raise Rejected("failed to compile Python app: Error: Unable to install dependencies using pip.")
    fresh_one.rename(venv)
    return venv


def _procfile(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.exists() else []
    return {found[1]: found[2].strip() for line in lines if (found := PROCESS.match(line))}


def _run(argv: list[str], env: Mapping[str, str], cwd: Path, say: Say, user: str | None = None) -> int:
    process = subprocess.Popen(
        argv,
        env=dict(env) or None,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    assert process.stdout
    for line in process.stdout:
        say(f"       {line.decode(errors='replace').rstrip()}")
    return process.wait()
