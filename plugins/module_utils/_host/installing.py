# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages that come to a bare host while its first steps are made: whether they still do, and their end.

`roles/base/files/begin-packages.sh` holds the lock of a file meanwhile. That is gone when all are there, and tells a
person what went wrong otherwise.
"""

from __future__ import annotations

from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.command import inherited, run
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import is_held

PLACE = "run/slipway-packages"
SECONDS = 3600.0
TOO_LONG = "apt-get still installs the packages of this host after {} minutes. See what it waits for: ps -ef | grep apt"
ENDED = "apt-get was ended before it had installed the packages of this host. Run this again."


def is_under_way(root: Path = Path("/")) -> bool:
    """Whether somebody holds the lock."""
    return is_held(root / PLACE)


def wait(root: Path = Path("/"), seconds: float = SECONDS) -> None:
    """Until they are there. Raises SlipwayError with what went wrong, once."""
    path = root / PLACE
    try:
        place = path.open("rb")
    except FileNotFoundError:
        return
    # the file itself may go meanwhile, and a flock that is given its name would make it anew
    with place, inherited(place.fileno()):
        if not run(["flock", "--shared", str(place.fileno())], timeout=seconds).ok:
            raise SlipwayError(TOO_LONG.format(round(seconds / 60)))
    if path.exists():
        said = path.read_text(encoding="utf-8", errors="replace").strip()
        path.unlink()
        raise SlipwayError(said or ENDED)
