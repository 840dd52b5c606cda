# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup, a drill or a restore did, as a person reads it, from its line in backups.jsonl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]

DEPLOY = "Type: ansible-playbook slipway.flask.deploy -i INVENTORY"


def sentences(row: Row) -> list[str]:
    """One that says it all, and what somebody has to know besides."""
    return [{"backup": _backup, "drill": _drill, "restore": _restore}[row["kind"]](row), *_besides(row)]


def _backup(row: Row) -> str:
    kept = " and ".join(f"{part} as {name}" for part, name in row["snapshots"].items())
    return f"Backed up {kept}: {size(row['total'])}, {size(row['added'])} of them new, in {row['seconds']} s."


def _drill(row: Row) -> str:
    return f"The newest backup can be brought back: {_amount(row)}, in {row['seconds']} s ({'; '.join(row['of'])})."


def _restore(row: Row) -> str:
    return f"Restored {_amount(row)}, in {row['seconds']} s ({'; '.join(row['of'])})."


def _amount(row: Row) -> str:
    found = [f"{row['files']} files with {size(row['bytes'])}"] if "files" in row else []
    found += [f"{row['rows']} rows in {row['tables']} tables"] if "tables" in row else []
    return " and ".join(found)


def _besides(row: Row) -> Iterator[str]:
    if row.get("commit"):
        was, live = (commit[:12] or "nothing" for commit in row["commit"])
        yield f"The backup is of commit {was}, and {live} is live: its migrations run with the next deploy. {DEPLOY}"
    if row.get("schema"):
        was, now = (number or "none" for number in row["schema"])
        yield f"The schema of the database was {was} and is {now} now."
    if row.get("differs"):
        yield (
            f"The app had other values then of {', '.join(row['differs'])}; the inventory's are in use."
            " The old ones are in /var/lib/slipway/APP/restored on the host."
        )


def state(found: Row | None) -> Iterator[str]:
    """A line of the status of a host; none where nothing is backed up."""
    if not found:
        return
    last, drill = found["last"], found["drill"]
    made = (
        f"{_when(last)}, {size(last['total'])}"
        if last and last["ok"]
        else f"FAILED {_when(last)}"
        if last
        else "none yet"
    )
    tried = (
        f"tried {_when(drill)}"
        if drill and drill["ok"]
        else f"DRILL FAILED {_when(drill)}"
        if drill
        else "not tried yet"
    )
    yield f"  backup  {made}, {tried}"


def problems(found: Row | None) -> Iterator[str]:
    """What somebody has to look at now."""
    if not found:
        return
    last, drill = found["last"], found["drill"]
    if last and not last["ok"]:
        yield f"The last backup failed: {_line(last)}"
    if found["days"] > found["late_days"]:
        many = f"{found['days']:.0f} days"
        yield f"There has been no good backup for {many}. See: systemctl list-timers 'slipway-*'"
    if drill and not drill["ok"]:
        yield f"The newest backup could not be brought back on trial: {_line(drill)}"


def _when(row: Row) -> str:
    return str(row["at"])[:16].replace("T", " ") + "Z"


def _line(row: Row) -> str:
    return " ".join(str(row["said"]).split())


def size(count: int) -> str:
    """`512 B`, `3.4 MB`."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"
