# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The PostgreSQL of the app: to ask, to count, to dump and to fill."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from flow import Step, as_user, flow
from here import DATABASE, PATH, Failed, Here, last
from repository import command, labels, summary, variables

DUMP = "database.dump"
COUNT = """select count(*), coalesce(sum((xpath('/row/c/text()', query_to_xml(
format('select count(*) as c from %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::bigint), 0)
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'
and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_' {but}"""
# also what somebody else has made there, but for what extensions bring
CLEAR = """drop owned by "{owner}" cascade; do $$ declare one regclass; begin for one in select c.oid from pg_class c
join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and not c.relispartition
and n.nspname !~ '^(pg_|information_schema$)'
and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
loop execute format('drop table if exists %s cascade', one); end loop; end $$"""
# extensions are the superuser's to make, and everything else is the owner's; rows that look like one are rows
EXTENSIONS = r"""/^COPY .* FROM stdin;$/ {within = 1} /^\\\.$/ {within = 0}
!within && role == "" && /^COMMENT ON EXTENSION / {next}
!within && role != "" && /^(CREATE|COMMENT ON) EXTENSION / {print "reset role;"; print; print role; next} {print}"""


def postgres(here: Here) -> dict:
    return PATH | {"PGCONNECT_TIMEOUT": "15"} | here.database["environment"]


def back_up_database(here: Here, at: str) -> dict:
    """From one program into the other: nothing of it lies on a disk, and a dump that fails becomes no snapshot."""
    dump = Step(["pg_dump", "--format=custom"], postgres(here), here.database["user"])
    into = command(here, "backup", *labels(here, DATABASE, at), "--stdin", "--stdin-filename", DUMP)
    return summary(flow(here, dump, Step(into, variables(here))))


def restore_database(here: Here, snapshot: dict, row: dict) -> None:
    """All that is there goes, and what the dump holds comes, in one transaction."""
    owner = here.database["owner"]
    role = f'set role "{owner}";' if owner else ""
    clear = CLEAR.format(owner=owner) if owner else "drop owned by current_user cascade"
    schema = schema_of(here)
    first = ["--command", clear, *(["--command", role] if owner else [])]
    filled(here, snapshot, first, role, postgres(here))
    row["tables"], row["rows"] = counted(here)
    if schema_of(here) != schema:
        row["schema"] = [schema, schema_of(here)]


def filled(here: Here, snapshot: dict, before: Sequence[str], role: str, env: dict) -> None:
    """Names and rights of other roles are left out: a new host does not have them."""
    user = here.database["user"]
    dump = Step(command(here, "dump", snapshot["id"], f"/{DUMP}"), variables(here))
    script = Step(["pg_restore", "--no-owner", "--no-privileges", "--file=-"], env, user)
    psql = ["psql", "-XAtq", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    # who else works with it is not waited for without end
    last = Step([*psql, *before, "--file=-"], env | {"PGOPTIONS": "-c lock_timeout=60s"}, user)
    extensions = Step(["awk", "-v", f"role={role}", EXTENSIONS], PATH)
    flow(here, dump, script, extensions, last)


def counted(here: Here, database: str = "", but: str = "") -> tuple[int, int]:
    """How many tables and rows a database has."""
    found = asked_database(here, COUNT.format(but=but), database).split("|")
    return int(found[0]), int(found[1])


def schema_of(here: Here) -> str:
    """Where migrations of Alembic are; empty where there are none."""
    if asked_database(here, "select to_regclass('alembic_version') is null") == "t":
        return ""
    return asked_database(here, "select min(version_num) from alembic_version")


def asked_database(here: Here, query: str, database: str = "") -> str:
    env = postgres(here) | ({"PGDATABASE": database} if database else {})
    argv = ["psql", "-XAtq", "--set=ON_ERROR_STOP=1", "--command", query]
    done = subprocess.run(
        argv, env=env, cwd="/", capture_output=True, text=True, check=False, **as_user(here.database["user"])
    )
    if done.returncode:
        raise Failed(f"The database says: {last(done.stderr)}")
    return done.stdout.strip()
