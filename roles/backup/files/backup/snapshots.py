# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups there are, and which of them are meant.

All parts of one run carry its time, so they are found again together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from here import Failed, Here
from repository import restic


def snapshots(here: Here) -> list[dict]:
    """Those of the app, on all of its hosts, the oldest first."""
    rows = json.loads(restic(here, "snapshots", "--json", "--tag", here.app)) or []
    found = [
        {"id": row["id"][:8], "at": utc(row["time"]), "host": row["hostname"], "part": tag.partition(":")[2]}
        for row in rows
        for tag in row["tags"]
        if tag.startswith("part:")
    ]
    return sorted(found, key=lambda one: one["at"])


def utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat(timespec="seconds")


def shown(found: Sequence[dict]) -> list[str]:
    return [f"{one['id']}  {one['at'].replace('+00:00', 'Z')}  {one['host']}  {one['part']}" for one in found]


def chosen(every: Sequence[dict], parts: Sequence[str], host: str, wanted: str) -> dict[str, dict]:
    """Of each part the newest that is not younger than what is wanted."""
    end = latest(every, wanted)
    of_host = [one for one in every if one["host"] == host]
    found = {one["part"]: one for one in of_host if one["at"] <= end and one["part"] in parts}
    missing = [part for part in parts if part not in found]
    if missing:
        hint = f" To take those of another host: -e backup_of={every[-1]['host']}" if every and not of_host else ""
        lacking = " and the ".join(missing)
        raise Failed(f"There is no backup of the {lacking} of {host} ({wanted}).{hint}\n{listed(every)}")
    return {part: found[part] for part in parts}


def listed(every: Sequence[dict]) -> str:
    return "\n  ".join(["There are:", *shown(every)]) if every else "There are none at all."


def latest(every: Sequence[dict], wanted: str) -> str:
    """The time that `wanted` means: of the newest, of the one with that id, or itself."""
    if wanted == "latest":
        return "9999"
    for one in every:
        if len(wanted) >= 4 and (one["id"].startswith(wanted) or wanted.startswith(one["id"])):
            return one["at"]
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?Z?)?", wanted)
    if found:
        day, minute, second = found[1], found[2] or "23:59", found[3] or ":59"
        return f"{day}T{minute}{second}+00:00"
    said = f"There is no backup {wanted}. Write latest, the id of one, or a time such as 2026-11-26T03:00."
    raise Failed(f"{said}\n{listed(every)}")
