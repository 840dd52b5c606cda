# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks and virtual environments, made by uv."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import lockfile, pylock
from ansible_collections.slipway.flask.plugins.module_utils._core.advice import advise
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import mask
from ansible_collections.slipway.flask.plugins.module_utils._core.interpreters import Interpreter
from ansible_collections.slipway.flask.plugins.module_utils._host import command, uvfetch

SECONDS = 900
_COMPILE = (
    "pip", "compile", "--generate-hashes", "--python-platform", "linux",
    "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links",
)  # fmt: skip
_EXPORT = ("export", "--frozen", "--no-dev", "--no-emit-workspace", "--no-header", "--no-annotate")


@dataclass(frozen=True)
class Uv:
    """uv, and the environment it reaches its index in."""

    path: str
    environment: Mapping[str, str]

    def lock(self, project: Path, needs: lockfile.Needs, minor: str, interpreter: Interpreter, scratch: Path) -> str:
        """Everything the project needs on that Python, pinned with hashes."""
        sources, extras = self._sources(project, needs, scratch)
        return self.compile(project, sources, extras, minor, interpreter) if sources else ""

    def compile(
        self, project: Path, sources: Sequence[str], extra: Sequence[str], minor: str, interpreter: Interpreter
    ) -> str:
        """Resolve requirements files to a lock, or say in uv's words why that cannot be."""
        arguments = [*_COMPILE, "--python-version", minor, "--python", interpreter.path, *extra, *sources]
        text = lockfile.clean(self._run(arguments, project, f"The requirements cannot be installed on Python {minor}"))
        found = lockfile.problems(text)
        if found:
            raise SlipwayError("The requirements cannot be locked with hashes:\n  " + "\n  ".join(found))
        return text

    def environment_at(self, folder: Path, interpreter: Interpreter, locks: Sequence[Path]) -> None:
        """Make a virtual environment that holds exactly these locks; compiled, since the tests cannot write there."""
        self._run(
            ["venv", "--quiet", "--no-project", "--python", interpreter.path, str(folder)],
            folder.parent,
            "No virtual environment",
        )
        wanted = [argument for lock in locks if lock.stat().st_size for argument in ("--requirement", str(lock))]
        if wanted:
            arguments = [
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--no-deps",
                "--compile-bytecode",
                "--python",
                str(folder),
                *wanted,
            ]
            self._run(
                arguments, folder.parent, f"The locked packages cannot be installed on Python {interpreter.version}"
            )

    def _sources(self, project: Path, needs: lockfile.Needs, scratch: Path) -> tuple[list[str], list[str]]:
        extras = [argument for extra in needs.extras for argument in ("--extra", extra)]
        sources: list[str] = []
        if needs.file and needs.pinned:
            pinned = scratch / "pinned.txt"
            pinned.write_text(self._pinned(project, needs.file, extras), encoding="utf-8")
            sources, extras = [str(pinned)], []
        elif needs.file:
            sources = [needs.file]
        if needs.packages:
            packages = scratch / "packages.in"
            packages.write_text("".join(f"{package}\n" for package in needs.packages), encoding="utf-8")
            sources.append(str(packages))
        return sources, extras

    def _pinned(self, project: Path, file: str, extras: Sequence[str]) -> str:
        if file.endswith("pylock.toml"):
            return pylock.requirements((project / file).read_text(encoding="utf-8"))
        return self._run([*_EXPORT, *extras], (project / file).parent, f"{file} cannot be read")

    def _run(self, arguments: Sequence[str], cwd: Path, failure: str) -> str:
        done = command.run([self.path, *arguments], timeout=SECONDS, env=self.environment, cwd=cwd)
        if done.timed_out:
            raise SlipwayError(f"{failure}: uv did not end within {SECONDS} s.")
        if not done.ok:
            raise SlipwayError(advise(f"{failure}. uv says:\n{mask(done.tail(15))}"))
        return done.stdout


def find(environment: Mapping[str, str], tools: Path) -> Uv:
    """uv from beside our own Python, else from PATH, else fetched into `tools`."""
    strange = ("VIRTUAL_ENV", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT")
    ours = {**{key: value for key, value in os.environ.items() if key not in strange}, **environment}
    beside = Path(sysconfig.get_path("scripts")) / "uv"
    path = str(beside) if os.access(beside, os.X_OK) else shutil.which("uv")
    if path is None:
        try:
            path = str(uvfetch.fetch(tools, sys.executable, ours))
        except uvfetch.Failed as error:
            raise SlipwayError(
                f"The gate locks and installs with uv, which is not here. {error}\n"
                f"Install it yourself: {sys.executable} -m pip install uv (or: apt install python3-venv, and again)"
            ) from error
    quiet = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
    return Uv(path, {**_index(ours), **ours, **quiet, **environment})


def _index(environment: Mapping[str, str]) -> dict[str, str]:
    """uv reads no configuration of pip: who has told pip of an index of his own means uv too."""
    if any(name in environment for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_NO_INDEX", "UV_CONFIG_FILE")):
        return {}
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    said = environment.get("PIP_INDEX_URL") or command.run(asked, timeout=SECONDS, env=environment).stdout.strip()
    return {"UV_DEFAULT_INDEX": said} if said else {}
