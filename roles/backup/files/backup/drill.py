# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the newest backup can be brought back: it is, to a scratch place."""

from __future__ import annotations

from pathlib import Path

from bringing import brought
from flow import Step, flow
from folders import amount, has_room, scratch, within
from here import DATABASE, FILES, PATH, Failed, Here, attempt
from postgresql import DUMP, asked_database, counted, filled, postgres
from repository import command, size, variables
from snapshots import chosen, shown, snapshots
from sqlite import rows_of

COPIED = r"""/^COPY .* FROM stdin;$/ {tables++; within = 1; next} /^\\\.$/ {within = 0} within {rows++}
END {print tables + 0, rows + 0}"""


def drill(here: Here, row: dict) -> None:
    found = chosen(snapshots(here), here.parts, here.host, "latest")
    row |= {"snapshots": {part: one["id"] for part, one in found.items()}, "of": shown(found.values())}
    acts = {FILES: drill_files, DATABASE: drill_database}
    wrong = [attempt(lambda part=part: acts[part](here, found[part], row)) for part in found]
    if any(wrong):
        raise Failed("\n".join(filter(None, wrong)))


def drill_files(here: Here, snapshot: dict, row: dict) -> None:
    has_room(here.state, size(here, snapshot), "A drill")
    with scratch(here.state / "drill.work") as work:
        manifest = brought(here, snapshot, work)
        of = within(work, here.root)
        row["files"], row["bytes"] = amount(of / "shared", of / "home")
        for path in manifest["databases"].values():
            tables, rows = rows_of(within(work, path), check=True)
            add(row, tables, rows)


def drill_database(here: Here, snapshot: dict, row: dict) -> None:
    """Into a database of its own. A server of somebody else may not let us make one: there the dump is read."""
    if not here.database["owner"]:
        dump = Step(command(here, "dump", snapshot["id"], f"/{DUMP}"), variables(here))
        script = Step(["pg_restore", "--no-owner", "--no-privileges", "--file=-"], postgres(here))
        tables, rows = flow(here, dump, script, Step(["awk", COPIED], PATH)).split()
        add(row, int(tables), int(rows))
        return
    name = "slipway_drill_" + here.app.replace("-", "_")
    has_room(
        Path("/var/lib/postgresql"), int(asked_database(here, "select pg_database_size(current_database())")), "A drill"
    )
    try:
        for query in (f"drop database if exists {name} with (force)", f"create database {name} template template0"):
            asked_database(here, query, "postgres")
        filled(here, snapshot, [], "", postgres(here) | {"PGDATABASE": name})
        add(row, *counted(here, name))
    finally:
        asked_database(here, f"drop database if exists {name} with (force)", "postgres")


def add(row: dict, tables: int, rows: int) -> None:
    row["tables"], row["rows"] = row.get("tables", 0) + tables, row.get("rows", 0) + rows
