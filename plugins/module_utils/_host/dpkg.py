# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What dpkg knows of its packages, as it keeps it: a stanza for each."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._host.command import run
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import names, text

ADMIN = "var/lib/dpkg"
SECONDS = 60.0
# what is read of it here
FORMAT = "Package: ${Package}\nStatus: ${Status}\nConffiles:\n${Conffiles}\n\n"


def status(root: Path) -> str:
    """Its own list, in milliseconds; while dpkg is at work, also what it has not written there yet, by its command."""
    if names(root / ADMIN / "updates"):
        argv = ["dpkg-query", f"--admindir={root / ADMIN}", "--show", f"--showformat={FORMAT}"]
        asked = run(argv, timeout=SECONDS)
        if asked.ok:
            return asked.stdout
    return text(root / ADMIN / "status")
