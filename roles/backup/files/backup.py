#!/usr/bin/python3 -I
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back up what an app has stored on this host, try whether it can be brought back, and bring it back. Tool: restic.

    backup.py APP run                               what the timer starts: into the repository, then forget what is old
    backup.py APP drill                             bring the newest back to a scratch place, count it, take it away
    backup.py APP list                              what there is
    backup.py APP judge   [--from WHICH] [--of HOST] [--over]   what speaks against restoring; changes nothing
    backup.py APP restore [--from WHICH] [--of HOST] [--over]   WHICH: latest, the id of a backup, or a time (UTC)

Everything else stands in /etc/slipway/APP/backup.json, root's alone. What happened is one line of JSON on standard
output, and in /var/lib/slipway/APP/backups.jsonl. The exit status is 0 when all of it is well.

All parts of one run carry its time, so they are found again together.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import grp
import json
import os
import pwd
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NoReturn
from urllib.parse import quote

FILES, DATABASE = "files", "database"
DUMP = "database.dump"
WORK = ".restore.work"
# without a backup's own cache of the repository, each run would read its index anew
PATH = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
LOCKED_SECONDS, LOCKED_PAUSE = 1800, 5
GRACE_SECONDS = 5
ROOM_MB = 64  # that must be left
KEPT_BYTES = 256 * 1024
SQLITE = b"SQLite format 3\0"
BESIDE = ("", "-wal", "-shm", "-journal")
# where migration tools note how far they are: rows there are nobody's data
NOTES = ("alembic_version", "django_migrations", "sqlite_sequence")
RESTIC_SAYS = (
    (r"wrong password", "{where} does not open with this password. It wants the one that its backups were made with."),
    (r"no space left on device|disk quota exceeded", "{where} is full: {said}"),
    # a server of sftp has no word for it
    (r"SSH_FX_FAILURE|sftp: \"?failure", "{where} does not take it. Is its disk full? {said}"),
    (r"already locked", "{where} is locked by another run: {said}"),
    (
        r"start the sftp session|dial tcp|connection refused|no route to host|timed? ?out|lookup \S+",
        "{where} cannot be reached: {said}",
    ),
)
MISSING = r"unable to open config file|repository does not exist|Is there a repository"
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
COPIED = r"""/^COPY .* FROM stdin;$/ {tables++; within = 1; next} /^\\\.$/ {within = 0} within {rows++}
END {print tables + 0, rows + 0}"""


class Failed(Exception):
    """What a person has to know: what is wrong and what to do next."""


class Locked(Failed):
    """Somebody else is at work in the repository."""


class Missing(Failed):
    """There is no repository yet."""


@dataclass(frozen=True)
class Step:
    """A command of a chain."""

    argv: Sequence[str]
    env: dict
    user: str = ""


@dataclass(frozen=True)
class Here:
    """An app on this host, as backup.json describes it."""

    app: str
    host: str
    root: Path
    repository: str
    password_file: str
    environment: dict = field(repr=False)
    late_days: int
    sftp: str  # the command that reaches the repository; empty when it is reached otherwise
    files: bool
    database: dict = field(repr=False)
    keep: dict

    @property
    def state(self) -> Path:
        return Path("/var/lib/slipway", self.app)

    @property
    def shared(self) -> Path:
        return self.root / "shared"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def notes(self) -> Path:
        """Where copies of databases lie while they are backed up, which their owners make."""
        return self.root / "backup.work"

    @property
    def parts(self) -> list[str]:
        return [FILES] * self.files + [DATABASE] * bool(self.database)

    @property
    def where(self) -> str:
        """The repository as it may be shown."""
        return "The repository " + re.sub(r"//([^/:@]*):[^@/]+@", r"//\1:***@", self.repository)


def main() -> int:
    asked = arguments()
    if asked.act == "copy":
        copy_database(*asked.paths)
        return 0
    here = load(asked.app)
    acts = {
        "run": lambda: recorded(here, "backup", lambda row: run(here, row)),
        "drill": lambda: recorded(here, "drill", lambda row: drill(here, row)),
        "restore": lambda: recorded(here, "restore", lambda row: restore(here, asked, row)),
        "judge": lambda: answered(lambda row: row.update(judge(here, asked)[1])),
        "list": lambda: answered(lambda row: row.update(backups=shown(snapshots(here)))),
    }
    row = acts[asked.act]()
    print(json.dumps(row, ensure_ascii=False), flush=True)
    if not row["ok"]:
        print(row["said"], file=sys.stderr)
    return 0 if row["ok"] else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Back up what an app has stored, and bring it back.")
    parser.add_argument("app")
    parser.add_argument("act", choices=["run", "drill", "list", "judge", "restore", "copy"])
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--from", dest="wanted", default="latest")
    parser.add_argument("--of", default="")
    parser.add_argument("--over", action="store_true")
    return parser.parse_args()


def load(app: str) -> Here:
    try:
        row = json.loads(Path(f"/etc/slipway/{app}/backup.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        sys.exit(f"Backups of {app} are not set up here. Write backup_time: daily, and type slipway.flask.setup.")
    return Here(app=app, **row | {"root": Path(row["root"])})


def attempt(act: Callable[[], object]) -> str:
    """Why it failed; empty when it did not."""
    try:
        act()
    except Failed as error:
        return str(error)
    except (OSError, sqlite3.Error, subprocess.SubprocessError, ValueError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def answered(act: Callable[[dict], object]) -> dict:
    """The row of somebody who only looks."""
    row: dict = {}
    said = attempt(lambda: act(row))
    return row | {"ok": not said, "said": said}


def recorded(here: Here, kind: str, act: Callable[[dict], object]) -> dict:
    """Do it while nobody else does, and write down how it went."""
    signal.signal(signal.SIGTERM, interrupted)
    begun = time.monotonic()
    here.state.mkdir(parents=True, exist_ok=True)
    with open(here.state / "backup.lock", "a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = f"A backup, a drill or a restore of {here.app} is at work on this host. Wait for its end."
            return {"ok": False, "said": said}
        row: dict = {"kind": kind, "at": now(), "run": os.environ.get("INVOCATION_ID", "")}
        said = attempt(lambda: act(row))
        row |= {"ok": not said, "said": said, "seconds": round(time.monotonic() - begun, 1)}
        write_down(here, row)
    return row


def interrupted(*_: object) -> NoReturn:
    raise Failed("It was told to end before it was done.")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_down(here: Here, row: dict) -> None:
    path = here.state / "backups.jsonl"
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > KEPT_BYTES:
            path.replace(f"{path}.1")
    record = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.write(record, json.dumps(row, ensure_ascii=False).encode() + b"\n")
    os.fsync(record)
    os.close(record)


# --- backing up


def run(here: Here, row: dict) -> None:
    """Each part for itself: that one cannot be had is no reason to go without the others."""
    open_repository(here)
    row |= {"snapshots": {}, "added": 0, "total": 0}
    wrong = []
    for part in here.parts:
        act = {FILES: back_up_files, DATABASE: back_up_database}[part]
        wrong.append(attempt(lambda act=act, part=part: note(row, part, patiently(lambda: act(here, row["at"])))))
    if not here.parts:
        wrong.append(f"{here.app} stores nothing on this host: it serves nothing, and has no database here.")
    wrong.append(attempt(lambda: forget(here)))
    if any(wrong):
        raise Failed("\n".join(filter(None, wrong)))


def note(row: dict, part: str, summary: dict) -> None:
    row["snapshots"][part] = summary["snapshot_id"][:8]
    row["added"] += summary["data_added"]
    row["total"] += summary["total_bytes_processed"]


def open_repository(here: Here) -> None:
    """The repository, made when there is none yet. One that is gone is not made anew: its disk may not be mounted."""
    known = here.state / "backup.repository"
    if here.repository.startswith("/"):
        Path(here.repository).mkdir(mode=0o700, parents=True, exist_ok=True)
        has_room(Path(here.repository), 0, f"A backup into {here.repository}")
    try:
        restic(here, "cat", "config")
    except Missing:
        if known.exists() and known.read_text(encoding="utf-8").strip() == here.where:
            raise Failed(
                f"{here.where} is not there any more, and it had backups. Is its disk mounted? To begin a new one,"
                f" remove {known}."
            ) from None
        restic(here, "init")
    restic(here, "unlock")  # only what dead processes have left
    known.write_text(f"{here.where}\n", encoding="utf-8")


def back_up_files(here: Here, at: str) -> dict:
    with scratch(here.notes, 0o711) as work:
        found = look_at(here)
        copies = copied(here, found["databases"], work)
        manifest = {
            "commit": commit_of(here),
            "owners": found["owners"],
            "databases": copies,
        }
        (work / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        patterns = [literal(f"{path}{end}") for path in found["databases"] for end in BESIDE]
        (work / "excluded").write_text(
            "\n".join([*patterns, literal(f"{here.home}/.cache"), literal(f"{here.shared}/{WORK}")])
        )
        argv = ["backup", *labels(here, FILES, at), "--exclude-file", str(work / "excluded"), "--", *stored(here, work)]
        done = subprocess.run(command(here, *argv), env=variables(here), capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3) or unread(done.stderr):
            raise complaint(here, "\n".join(unread(done.stderr)) or done.stderr)
        return summary(done.stdout)


def stored(here: Here, work: Path) -> list[str]:
    """What is taken: what the app has stored, how it ran, and our notes on that."""
    live = here.root / "current"
    of_live = [live.resolve() / name for name in ("environment.json", "activation.json")]
    every = [here.shared, here.home, Path("/etc/slipway", here.app), *of_live, work]
    return [str(path) for path in every if path.exists()]


def labels(here: Here, part: str, at: str) -> list[str]:
    """By these a snapshot is found again. A `:` is in the name of no app."""
    moment = datetime.fromisoformat(at).strftime("%Y-%m-%d %H:%M:%S")
    tags = ["--tag", here.app, "--tag", f"part:{part}"]
    return ["--json", "--quiet", "--host", here.host, *tags, "--time", moment]


def unread(errors: str) -> list[str]:
    """Files that could not be read, but for those that were removed just then."""
    rows = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    bad = [row for row in rows if row.get("message_type") == "error" and os.path.lexists(row.get("item", "/"))]
    return [f"{row.get('item', '')} could not be read: {row.get('error', {})}" for row in bad]


def summary(said: str) -> dict:
    rows = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return next(row for row in rows if row.get("message_type") == "summary")


def look_at(here: Here) -> dict:
    """Databases of SQLite among the files, and the names behind the numbers of who owns them."""
    databases, users, groups = [], set(), set()
    for path in regular(here.shared, here.home):
        state = path.lstat()
        users.add(state.st_uid)
        groups.add(state.st_gid)
        if is_sqlite(path):
            databases.append(str(path))
    owners = {"users": named(users, lambda number: pwd.getpwuid(number).pw_name)}
    return {
        "databases": databases,
        "owners": owners | {"groups": named(groups, lambda number: grp.getgrgid(number).gr_name)},
    }


def named(numbers: Iterable[int], name: Callable[[int], str]) -> dict[str, str]:
    found = {}
    for number in sorted(numbers):
        with contextlib.suppress(KeyError):
            found[str(number)] = name(number)
    return found


def regular(*folders: Path) -> Iterator[Path]:
    """Every file and folder below, whatever links lead to."""
    for folder in folders:
        for here, inner, files in os.walk(folder):
            if WORK in inner:
                inner.remove(WORK)
            for name in [*inner, *files]:
                with contextlib.suppress(FileNotFoundError):
                    Path(here, name).lstat()
                    yield Path(here, name)


def is_sqlite(path: Path) -> bool:
    """By its beginning, for it may be called anything. Nobody is waited for at a pipe, and no link is followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(handle).st_mode) and os.read(handle, len(SQLITE)) == SQLITE
    finally:
        os.close(handle)


def copied(here: Here, databases: Sequence[str], work: Path) -> dict[str, str]:
    """Copies that are whole, whoever writes meanwhile: number -> where it came from. Each is made by who owns it."""
    if databases:
        has_room(work, sum(Path(path).stat().st_size for path in databases), "A copy of the files of SQLite")
    for number, path in enumerate(databases):
        owner = Path(path).lstat()
        folder = work / str(number)
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.st_uid, owner.st_gid)
        who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        argv = [sys.executable, "-I", __file__, here.app, "copy", path, str(folder / "copy")]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, **who)
        if done.returncode:
            raise Failed(f"{path} cannot be copied: {last(done.stderr)}")
        os.chmod(folder / "copy", stat.S_IMODE(owner.st_mode))
    return {str(number): path for number, path in enumerate(databases)}


def copy_database(source: str, target: str) -> None:
    """By SQLite's own backup, which waits for writers and misses nothing that is only in the log."""
    given = sqlite3.connect(f"file:{quote(source)}?mode=rw", uri=True, timeout=60)
    made = sqlite3.connect(target)
    with contextlib.closing(given), contextlib.closing(made):
        given.backup(made)
        # as one file, without a log beside it
        made.execute("pragma journal_mode = delete")


def back_up_database(here: Here, at: str) -> dict:
    """From one program into the other: nothing of it lies on a disk, and a dump that fails becomes no snapshot."""
    dump = Step(["pg_dump", "--format=custom"], postgres(here), here.database["user"])
    into = command(here, "backup", *labels(here, DATABASE, at), "--stdin", "--stdin-filename", DUMP)
    return summary(flow(here, dump, Step(into, variables(here))))


def forget(here: Here) -> None:
    """Whatever was made within two days stays besides: whoever makes one by hand wants it for a while."""
    keep = [word for name, count in here.keep.items() if count for word in (f"--keep-{name}", str(count))]
    of = ["--host", here.host, "--tag", here.app, "--group-by", "host,tags"]
    patiently(lambda: restic(here, "forget", "--quiet", "--prune", *of, "--keep-within", "2d", *keep))


# --- finding and bringing back


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


def judge(here: Here, asked: argparse.Namespace) -> tuple[dict[str, dict], dict]:
    """What would be brought back. Everything that speaks against it is said at once."""
    found = chosen(snapshots(here), here.parts, asked.of or here.host, asked.wanted)
    wrong = []
    if (here.state / "lock.json").exists():
        wrong.append(f"Somebody ships {here.app} at this moment. Wait, or see slipway.flask.unlock.")
    if FILES in found:
        wrong.append(attempt(lambda: has_room(here.shared, size(here, found[FILES]), "What is to be restored")))
    there = [] if asked.over else occupied(here)
    if there:
        wrong.append(f"{here.app} has {' and '.join(there)}, which would be lost. To replace it: -e restore_over=true")
    if any(wrong):
        raise Failed("\n".join(filter(None, wrong)))
    return found, {"snapshots": {part: one["id"] for part, one in found.items()}, "of": shown(found.values())}


def size(here: Here, snapshot: dict) -> int:
    return json.loads(restic(here, "stats", "--json", "--mode", "restore-size", snapshot["id"]))["total_size"]


def occupied(here: Here) -> list[str]:
    """What people have stored. A schema without rows is what a first release makes."""
    found = []
    if here.files:
        files = [
            path for path in regular(here.shared) if path.is_file() and not path.is_symlink() and not is_empty(path)
        ]
        found += [f"{some(len(files), 'file')} in {here.shared}"] if files else []
    if here.database:
        names = ", ".join(f"'{name}'" for name in NOTES)
        tables, rows = counted(here, but=f"and c.relname not in ({names})")
        found += [f"{some(rows, 'row')} in {some(tables, 'table')} of its database"] if rows else []
    return found


def some(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def is_empty(path: Path) -> bool:
    """A database without rows, or what SQLite keeps beside it that holds none either."""
    if path.name.endswith(BESIDE[1:]) and is_sqlite(path.with_name(path.name.rpartition("-")[0])):
        return path.name.endswith(BESIDE[2]) or path.stat().st_size == 0
    return is_sqlite(path) and rows_of(path)[1] == 0


def restore(here: Here, asked: argparse.Namespace, row: dict) -> None:
    found, plan = judge(here, asked)
    row |= plan
    # what can fail goes first: the database changes wholly or not at all
    if DATABASE in found:
        restore_database(here, found[DATABASE], row)
    if FILES in found:
        restore_files(here, found[FILES], row)


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


def restore_files(here: Here, snapshot: dict, row: dict) -> None:
    """Whole and verified beside what is there, then one rename for each entry."""
    with scratch(here.shared / WORK) as work:
        manifest = brought(here, snapshot, work)
        of = within(work, here.root)
        row["files"], row["bytes"] = amount(of / "shared", of / "home")
        row["differs"] = told_apart(here, of)
        for name in ("shared", "home"):
            exchange(of / name, here.root / name, work / "before" / name)
        keep(work, of, here.state / "restored")
    if manifest["commit"] != commit_of(here):
        row["commit"] = [manifest["commit"], commit_of(here)]
        unmark(here)


def brought(here: Here, snapshot: dict, work: Path) -> dict:
    """The snapshot below `work`, each file as this host would own it and each database in its place; its manifest."""
    restic(here, "restore", snapshot["id"], "--target", str(work), "--verify")
    notes = within(work, here.notes)
    manifest = json.loads((notes / "manifest.json").read_text(encoding="utf-8"))
    for number, path in manifest["databases"].items():
        (notes / number / "copy").replace(within(work, path))
    own(within(work, here.root), manifest["owners"])
    return manifest


def within(folder: Path, path: Path | str) -> Path:
    """Where a snapshot puts a path of the host."""
    return folder / str(path).lstrip("/")


def own(folder: Path, owners: dict) -> None:
    """Accounts have other numbers here."""
    users = renumbered(owners["users"], lambda name: pwd.getpwnam(name).pw_uid)
    groups = renumbered(owners["groups"], lambda name: grp.getgrnam(name).gr_gid)
    for path in [*regular(folder)] if users or groups else []:
        state = path.lstat()
        os.chown(path, users.get(state.st_uid, -1), groups.get(state.st_gid, -1), follow_symlinks=False)
        if not path.is_symlink():
            os.chmod(path, stat.S_IMODE(state.st_mode))  # which a change of owner may take from


def renumbered(names: dict, number: Callable[[str], int]) -> dict[int, int]:
    found = {}
    for old, name in names.items():
        with contextlib.suppress(KeyError):
            if number(name) != int(old):
                found[int(old)] = number(name)
    return found


def amount(*folders: Path) -> tuple[int, int]:
    sizes = [path.lstat().st_size for path in regular(*folders) if stat.S_ISREG(path.lstat().st_mode)]
    return len(sizes), sum(sizes)


def told_apart(here: Here, of: Path) -> list[str]:
    """Names of the variables that the app has otherwise now: the inventory decides, and somebody should know."""
    old = next((document(path) for path in of.glob("activations/*/environment.json")), {})
    live = document(here.root / "current/environment.json")
    # what the app is told of services is ours, and every host's own
    told = Path("/etc/slipway", here.app, "services").glob("*.json")
    ours = {name for path in told for name in document(path)}
    return sorted(name for name in {*old, *live} - ours if old.get(name) != live.get(name))


def document(path: Path) -> dict:
    """The JSON of a file; nothing where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def exchange(new: Path, place: Path, before: Path) -> None:
    """Entry by entry, since the folder itself may be a disk of its own."""
    before.mkdir(parents=True)
    for path in sorted(place.iterdir()):
        if path.name != WORK:
            move(path, before / path.name)
    for path in sorted(new.iterdir()) if new.exists() else []:
        move(path, place / path.name)


def move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        subprocess.run(["cp", "-a", "--", path, target], check=True, capture_output=True)
        subprocess.run(["rm", "-rf", "--", path], check=True, capture_output=True)


def keep(work: Path, of: Path, folder: Path) -> None:
    """How the app ran is for reading only: the inventory says how it runs now."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for path in (*of.glob("activations/*/*.json"), *work.glob("etc/slipway/*")):
        move(path, folder / path.name)


def unmark(here: Here) -> None:
    """The data is of another commit, so what migrates it has to run again with the next deploy."""
    path = here.state / "markers.json"
    if path.exists():
        markers = {name: value for name, value in document(path).items() if name != "migrated"}
        fresh = path.with_suffix(".work")
        fresh.write_text(json.dumps(markers), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(path)


# --- the drill


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


def rows_of(path: Path, check: bool = False) -> tuple[int, int]:
    """How many tables and rows a file of SQLite has; nothing beside it is read or made."""
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?immutable=1", uri=True)) as base:
        base.execute("pragma trusted_schema = off")
        if check and base.execute("pragma quick_check").fetchone() != ("ok",):
            raise Failed(f"{path.name} was brought back and is damaged.")
        query = "select name from sqlite_master where type = 'table' and sql not like 'create virtual%'"
        names = [name for (name,) in base.execute(query) if check or name not in NOTES]
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        return len(names), sum(base.execute(f"select count(*) from {name}").fetchone()[0] for name in quoted)


# --- commands


def command(here: Here, *argv: str) -> list[str]:
    return ["restic", *(["--option", f"sftp.command={here.sftp}"] if here.sftp else []), *argv]


def variables(here: Here) -> dict:
    """Nothing secret stands in an argument: everybody on the host sees those."""
    ours = {
        "RESTIC_REPOSITORY": here.repository,
        "RESTIC_PASSWORD_FILE": here.password_file,
        "RESTIC_CACHE_DIR": f"/var/cache/slipway-backup/{here.app}",
        "TZ": "UTC",
    }
    return PATH | here.environment | ours


def postgres(here: Here) -> dict:
    return PATH | {"PGCONNECT_TIMEOUT": "15"} | here.database["environment"]


def restic(here: Here, *argv: str) -> str:
    done = subprocess.run(command(here, *argv), env=variables(here), capture_output=True, text=True, check=False)
    if done.returncode:
        raise complaint(here, done.stderr)
    return done.stdout


def complaint(here: Here, errors: str) -> Failed:
    """What restic complains of, in a line that says where and what to do."""
    if re.search(MISSING, errors):
        return Missing(f"{here.where} has no backups yet. Make one: slipway.flask.backup")
    for pattern, text in RESTIC_SAYS:
        if re.search(pattern, errors, re.IGNORECASE):
            kind = Locked if "already locked" in errors else Failed
            return kind(masked(here, text.format(where=here.where, said=last(errors))))
    return Failed(masked(here, f"{here.where}: {last(errors)}"))


def masked(here: Here, text: str) -> str:
    for name, value in here.environment.items():
        text = text.replace(str(value), f"${name}") if len(str(value)) > 3 else text
    return text


def last(errors: str, lines: int = 3) -> str:
    return " ".join([line.strip() for line in errors.splitlines() if line.strip()][-lines:])[:600]


def patiently(act: Callable[[], Any]) -> Any:
    """Another host may be at work in the same repository. Nobody tells when it has ended, so it is asked again."""
    end = time.monotonic() + LOCKED_SECONDS
    while True:
        try:
            return act()
        except Locked:
            if time.monotonic() > end:
                raise
        time.sleep(LOCKED_PAUSE)


def flow(here: Here, *steps: Step) -> str:
    """Each step's output is the input of the next; what the last one says.

    The next one sees the end of its input only when the step has ended well: we hold the pipe open until then. So
    nobody takes a part for the whole.
    """
    with contextlib.ExitStack() as left:
        complaints = [left.enter_context(tempfile.TemporaryFile()) for _ in steps]
        pipes = [
            tuple(left.enter_context(os.fdopen(end, mode)) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
            for _ in steps[1:]
        ]
        feeds = [subprocess.DEVNULL, *(out for out, _ in pipes)]
        sinks = [*(into for _, into in pipes), left.enter_context(tempfile.TemporaryFile())]
        processes = []
        for step, *ends in zip(steps, feeds, sinks, complaints, strict=True):
            processes.append(begun(step, *ends))
            left.callback(stop, processes[-1])
        for out, _ in pipes:
            out.close()  # a step whose reader is gone shall notice
        for number in range(len(steps)):
            ended(here, processes, complaints, number)
            if number < len(pipes):
                pipes[number][1].close()
        return text_of(sinks[-1])


def begun(step: Step, feed: IO[bytes] | int, into: IO[bytes], complaints: IO[bytes]) -> subprocess.Popen:
    return subprocess.Popen(
        step.argv, stdin=feed, stdout=into, stderr=complaints, env=step.env, cwd="/", **as_user(step.user)
    )


def ended(here: Here, processes: list, complaints: list, number: int) -> None:
    """Wait for a step. One that lost its reader is not to blame: the reader is."""
    if processes[number].wait() == 0:
        return
    errors = text_of(complaints[number])
    lost = processes[number].returncode == -signal.SIGPIPE or "roken pipe" in errors
    if lost and number + 1 < len(processes):
        ended(here, processes, complaints, number + 1)
    program = os.path.basename(processes[number].args[0])
    raise complaint(here, errors) if program == "restic" else Failed(f"{program} says: {last(errors)}")


def text_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def stop(process: subprocess.Popen) -> None:
    """As Ctrl-C would, so that restic takes its lock away; then for good."""
    for sign in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)


def as_user(user: str) -> dict:
    if not user:
        return {}
    account = pwd.getpwnam(user)
    return {"user": user, "group": account.pw_gid, "extra_groups": os.getgrouplist(user, account.pw_gid)}


# --- small things


@contextlib.contextmanager
def scratch(folder: Path, mode: int = 0o700) -> Iterator[Path]:
    """A folder that is empty, and gone afterwards; what a killed run left goes, too."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=mode)
    folder.chmod(mode)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def has_room(folder: Path, wanted: int, what: str) -> None:
    free, needs = shutil.disk_usage(folder).free >> 20, (wanted >> 20) + ROOM_MB
    if free < needs:
        raise Failed(f"{what} needs {needs} MB, and {folder} has {free} MB free. Make room there.")


def commit_of(here: Here) -> str:
    """The commit that is live."""
    return document(here.root / "current/release/release.json").get("commit", "")


def literal(path: str) -> str:
    """A pattern that means this path alone."""
    return re.sub(r"([*?\[\]\\$])", lambda found: "$$" if found[1] == "$" else f"\\{found[1]}", path)


if __name__ == "__main__":
    sys.exit(main())
