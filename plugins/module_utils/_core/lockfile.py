# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which file says what an application needs, what a lock depends on, and whether a lock can be installed.

A lock is in the requirements format with hashes, for one Python, and names no index: whoever installs
it takes the files from wherever he is allowed to, and the hashes say whether they are the right ones.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

KNOWN_FILES = ("uv.lock", "pylock.toml", "requirements.txt", "pyproject.toml")
BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")

_INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)")
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==(\S+)")
_THE_PROJECT = re.compile(r"^(?:-e\s+|--editable[\s=]+)?(?:\.(?:\[[^]]*\])?/?|file://\S*)\s*(?:\\)?$")


@dataclass(frozen=True)
class Needs:
    """What the lock is made from: a file of the project (None: nothing), extras, further packages."""

    file: str | None
    extras: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def pinned(self) -> bool:
        """Whether the file is itself a lock that has to be turned into requirements first."""
        return posixpath.basename(self.file or "") in ("uv.lock", "pylock.toml")


def choose(requirements: object, extras: Sequence[str], packages: Sequence[str], paths: Collection[str]) -> Needs:
    """Read `app_requirements`: auto, a path, or [] for none; `paths` are the files of the project."""
    further = tuple(sorted(packages))
    if requirements == [] or requirements == "[]":
        return Needs(None, (), further)
    if not isinstance(requirements, str) or not requirements:
        raise SlipwayError(
            f"app_requirements is {requirements!r}: it is 'auto', a path in the project, or [] for none."
        )
    if requirements != "auto" and requirements not in paths:
        raise SlipwayError(f"app_requirements is {requirements!r}, but the commit has no such file in the project.")
    file = requirements if requirements != "auto" else next((name for name in KNOWN_FILES if name in paths), None)
    if file is None:
        raise SlipwayError(
            f"The project has none of {', '.join(KNOWN_FILES)} (app_requirements is 'auto'). "
            "Commit one, set app_requirements to its path or to [] for none, or app_subdir to the project's folder."
        )
    if extras and not file.endswith(("uv.lock", "pyproject.toml")):
        raise SlipwayError(f"app_extras is {list(extras)}, but {file} has none; pyproject.toml and uv.lock have.")
    return Needs(file, tuple(sorted(extras)), further)


def inputs(needs: Needs, paths: Collection[str], read: Callable[[str], str]) -> list[str]:
    """The files of the project that decide what the lock contains, includes followed."""
    if needs.file is None:
        return []
    found = {needs.file}
    if not needs.file.endswith(".txt"):
        found |= {name for name in BUILD_FILES if name in paths} | {
            p for p in paths if p.endswith((".txt", ".in")) and "require" in p
        }
    ahead = [path for path in found if path.endswith((".txt", ".in"))]
    while ahead:
        path = ahead.pop()
        for included in includes(read(path)):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), included))
            if target in paths and target not in found:
                found.add(target)
                ahead.append(target)
    return sorted(found)


def includes(text: str) -> list[str]:
    """The files that a requirements file includes with -r or -c."""
    return [match.group(1) for match in map(_INCLUDE.match, text.splitlines()) if match]


def clean(text: str) -> str:
    """The lock without the project itself: its code comes from the artifact, not from an installer."""
    return "".join(line for line in text.splitlines(keepends=True) if not _THE_PROJECT.match(line.strip()))


def pins(text: str) -> dict[str, str]:
    """Distribution -> version of everything in a lock."""
    matches = (_PINNED.match(line) for line in text.splitlines())
    return {match.group(1).lower(): match.group(2).rstrip("\\;") for match in matches if match}


def problems(text: str) -> list[str]:
    """Why a host could not install this lock with hashes required; empty when it can."""
    found = []
    for requirement in re.split(r"(?<!\\)\n", text):
        line = requirement.strip()
        if line.startswith("-"):
            found.append(f"{line!r} is an option, not a pinned distribution")
        elif line and not line.startswith("#") and "--hash=" not in line:
            found.append(
                f"{line.split(' ')[0]!r} has no hash: it comes from a folder, a URL or a repository, not from an index"
            )
    return found
