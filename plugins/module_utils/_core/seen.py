# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a look at a host tells of files that were placed before, so that who wishes the same need not ask again.

What stands in a file is told as a digest made with a key of the run. Nobody who reads it can try guesses against it,
and what an earlier run was told fits no later one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import Directory, File, Found, Wished
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import Unit, UnitState, plan_unit

Note = list[str | int] | None
Seen = Mapping[str, Any]


def seal(key: str) -> str:
    """The sign of a run."""
    return _digest(key, b"slipway")


def note(key: str, entry: Found) -> Note:
    """Equal for what is equal."""
    if entry is None:
        return None
    if isinstance(entry, File):
        return [entry.kind, entry.owner, entry.group, entry.mode, _digest(key, entry.content)]
    if isinstance(entry, Directory):
        return [entry.kind, entry.owner, entry.group, entry.mode]
    return [entry.kind, *vars(entry).values()]


def fits(seen: Seen, key: str, wished: Mapping[str, Wished], unit: Unit | None) -> bool:
    """Whether all that is wished was seen by this run, and seen to be so."""
    if seen.get("seal") != seal(key):
        return False
    entries: Mapping[str, Note] = seen["entries"]
    if any(path not in entries or entries[path] != note(key, entry) for path, entry in wished.items()):
        return False
    if unit is None:
        return True
    found = seen["units"].get(unit.name)
    return found is not None and not plan_unit(unit, UnitState(**found), files_changed=False)


def _digest(key: str, content: bytes) -> str:
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
