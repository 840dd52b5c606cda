# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files and units sets of files were about, and what stands there now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.seen import note, seal
from ansible_collections.slipway.flask.plugins.module_utils._host import files, state, tolerant
from ansible_collections.slipway.flask.plugins.module_utils._host.journal import Journal
from ansible_collections.slipway.flask.plugins.module_utils._host.unit import look_at_units

NAME = "places.json"


def remember(folder: Path, paths: Iterable[str], unit: str | None) -> None:
    """Where to look from now on. A list of names and no more: whatever stands there is read each time."""
    known = _places(folder)
    wanted = {"paths": sorted({*known["paths"], *paths}), "units": sorted({*known["units"], *([unit] if unit else [])})}
    if wanted != known:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state.write(folder / NAME, json.dumps(wanted))


def look(folder: Path, key: str) -> dict[str, Any]:
    """What stands at all known places; nothing where a killed run has left some of it half done."""
    known = _places(folder)
    try:
        if not known["paths"] or Journal(folder).read():
            return {}
        entries = {path: note(key, files.look(path)) for path in known["paths"]}
        units = {name: asdict(found) for name, found in look_at_units(known["units"]).items()}
    except (SlipwayError, ValueError):
        return {}  # who wishes something there is told what is wrong with it
    return {"seal": seal(key), "entries": entries, "units": units}


def _places(folder: Path) -> dict[str, list[str]]:
    return {"paths": [], "units": [], **(tolerant.document(folder / NAME) or {})}
