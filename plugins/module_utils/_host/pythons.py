# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find Pythons that really run: a version manager's shim may be there and fail."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.interpreters import Interpreter, by_nearness
from ansible_collections.slipway.flask.plugins.module_utils._host import command

SECONDS = 20
# The distribution's Python comes first: it is the one that Debian hosts have.
SYSTEM_FOLDERS = ("/usr/bin", "/usr/local/bin")
_ASK = (
    "import os, sys; base = getattr(sys, '_base_executable', None) or sys.executable; "
    "print(os.path.realpath(base), '%d.%d.%d' % sys.version_info[:3], os.path.realpath(sys.base_prefix), sep='\\n')"
)
_OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
_NAME = re.compile(r"python(3\.\d+)")


def choose(minor: str) -> Interpreter:
    """A Python of this minor version, else the nearest one that there is."""
    for name in [minor, *by_nearness(minor, _known() - {minor})]:
        found = next((one for one in map(probe, _candidates(name)) if one and one.minor == name), None)
        if found:
            return found
    raise SlipwayError(f"No Python runs on the controller, and the tests need one. Type: apt install python{minor}")


def probe(path: str) -> Interpreter | None:
    """What is behind this path, None when it does not run."""
    try:
        done = command.run([path, "-I", "-c", _ASK], timeout=SECONDS)
    except SlipwayError:
        return None
    lines = done.stdout.splitlines()
    return Interpreter(*lines) if done.ok and len(lines) == 3 else None


def _known() -> set[str]:
    """Minor versions of which there seems to be a Python."""
    names = {match.group(1) for folder in _folders() for match in map(_NAME.fullmatch, _listed(folder)) if match}
    return names | {_OWN}


def _candidates(minor: str) -> Iterator[str]:
    """Paths at which a Python of this minor version may be, most wanted first."""
    name = f"python{minor}"
    prefix = Path(sys.base_prefix).resolve()
    own = [prefix / "bin" / name, Path(sys.executable)] if minor == _OWN else []
    # Version managers keep their installations side by side; ours may be one of them.
    siblings = sorted(prefix.parent.glob(f"*/bin/{name}"), reverse=True)
    seen: set[str] = set()
    for path in [
        *(Path(folder) / name for folder in SYSTEM_FOLDERS),
        *own,
        *(f / name for f in _folders()),
        *siblings,
    ]:
        if str(path) not in seen and os.access(path, os.X_OK):
            seen.add(str(path))
            yield str(path)


def _folders() -> list[Path]:
    return [Path(folder) for folder in os.get_exec_path() if os.path.isabs(folder)]


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
