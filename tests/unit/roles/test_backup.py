# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pieces of the program that backs up. What restic and PostgreSQL do with it is tried on hosts."""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[3] / "roles/backup/files/backup.py"
EVERY = [
    {"id": "aaaa1111", "at": "2026-11-24T03:00:00+00:00", "host": "web1", "part": "files"},
    {"id": "bbbb2222", "at": "2026-11-24T03:00:00+00:00", "host": "web1", "part": "database"},
    {"id": "cccc3333", "at": "2026-11-25T03:00:00+00:00", "host": "web1", "part": "files"},
    {"id": "dddd4444", "at": "2026-11-25T04:00:00+00:00", "host": "db1", "part": "database"},
]


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("backup", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["backup"] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def here(program: ModuleType, tmp_path: Path) -> Any:
    for name in ("shared", "home"):
        (tmp_path / name).mkdir()
    settings = {"password_file": "", "environment": {"KEY": "hunter2"}, "late_days": 2, "sftp": "", "keep": {}}
    return program.Here(
        app="blog", host="web1", root=tmp_path, repository="/vault", files=True, database={}, **settings
    )


# --- which backup


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("latest", ["cccc3333", "bbbb2222"]),
        # parts of one run have its time, so the id of one finds the other
        ("aaaa1111", ["aaaa1111", "bbbb2222"]),
        ("bbbb2", ["aaaa1111", "bbbb2222"]),
        # of another host: what was there until then
        ("dddd4444", ["cccc3333", "bbbb2222"]),
        ("cccc3333ffffffff", ["cccc3333", "bbbb2222"]),
        ("2026-11-24", ["aaaa1111", "bbbb2222"]),
        ("2026-11-25 03:00", ["cccc3333", "bbbb2222"]),
        ("2026-11-25T02:59:59Z", ["aaaa1111", "bbbb2222"]),
    ],
)
def test_each_part_is_the_newest_until_then(program: ModuleType, wanted: str, ids: list[str]) -> None:
    found = program.chosen(EVERY, ["files", "database"], "web1", wanted)
    assert [one["id"] for one in found.values()] == ids and list(found) == ["files", "database"]


@pytest.mark.parametrize(
    ("wanted", "host", "said"),
    [
        ("0123abcd", "web1", "There is no backup 0123abcd. Write latest"),
        ("aaa", "web1", "There is no backup aaa."),
        ("2026-11-23", "web1", "no backup of the files and the database of web1 (2026-11-23)."),
        ("latest", "db1", "no backup of the files of db1 (latest)."),
        ("latest", "web9", "To take those of another host: -e backup_of=db1"),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(program: ModuleType, wanted: str, host: str, said: str) -> None:
    with pytest.raises(program.Failed) as failed:
        program.chosen(EVERY, ["files", "database"], host, wanted)
    assert said in str(failed.value) and "cccc3333  2026-11-25T03:00:00Z  web1  files" in str(failed.value)


def test_where_nothing_was_ever_backed_up(program: ModuleType) -> None:
    with pytest.raises(program.Failed, match="There are none at all"):
        program.chosen([], ["files"], "web1", "latest")


# --- what restic says


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ("Fatal: wrong password or no key found", "The repository /vault does not open with this password."),
        ("Fatal: write /vault/x: no space left on device", "The repository /vault is full:"),
        ('sftp: "Failure" (SSH_FX_FAILURE)', "Is its disk full?"),
        (
            "subprocess ssh: x\nFatal: unable to start the sftp session, error: EOF",
            "The repository /vault cannot be reached:",
        ),
        ("Fatal: dial tcp: lookup s3.example.org: no such host", "cannot be reached"),
        ("Fatal: something new with hunter2", "The repository /vault: Fatal: something new with $KEY"),
    ],
)
def test_complaints_are_put_plainly(program: ModuleType, here: Any, errors: str, said: str) -> None:
    found = str(program.complaint(here, errors))
    assert said in found and "hunter2" not in found


def test_what_may_pass_is_told_from_what_may_not(program: ModuleType, here: Any) -> None:
    locked = "unable to create lock in backend: repository is already locked exclusively by PID 7"
    assert isinstance(program.complaint(here, locked), program.Locked)
    for missing in ("unable to open config file: stat /vault/config", "Fatal: repository does not exist: x"):
        assert isinstance(program.complaint(here, missing), program.Missing)


def test_who_finds_the_repository_locked_asks_again(
    program: ModuleType, here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []
    monkeypatch.setattr(program.time, "sleep", paused.append)

    def act() -> str:
        if len(paused) < 3:
            raise program.complaint(here, "repository is already locked")
        return "done"

    assert program.patiently(act) == "done" and len(paused) == 3
    monkeypatch.setattr(program, "LOCKED_SECONDS", -1)
    paused.clear()
    with pytest.raises(program.Locked, match="is locked by another run"):
        program.patiently(act)


def test_a_password_in_an_address_is_not_shown(program: ModuleType, here: Any) -> None:
    there = program.Here(**{**vars(here), "repository": "rest:https://anna:hunter2@vault/blog"})
    assert there.where == "The repository rest:https://anna:***@vault/blog"


def test_a_file_that_was_removed_meanwhile_is_no_failure(program: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    rows = [{"message_type": "error", "error": "x", "item": str(tmp_path / name)} for name in ("there", "gone")]
    (said,) = program.unread("\n".join(map(json.dumps, rows)))
    assert said.startswith(f"{tmp_path}/there could not be read")


# --- from one program into the other


def step(program: ModuleType, script: str) -> Any:
    return program.Step(["sh", "-c", script], {"PATH": os.environ["PATH"]})


def test_the_end_of_a_step_that_failed_is_not_the_end_of_its_output(
    program: ModuleType, here: Any, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    steps = [step(program, "echo half; echo broken >&2; exit 1"), step(program, f"cat; touch {done}")]
    with pytest.raises(program.Failed, match="sh says: broken"):
        program.flow(here, *steps)
    assert not done.exists()


def test_who_does_not_read_on_is_to_blame(program: ModuleType, here: Any) -> None:
    steps = [step(program, "exec yes"), step(program, "exec cat"), step(program, "head -c 1; echo enough >&2; exit 3")]
    with pytest.raises(program.Failed, match="sh says: enough"):
        program.flow(here, *steps)


def test_a_flow_that_ends_well_gives_what_the_last_one_said(program: ModuleType, here: Any) -> None:
    steps = [step(program, "head -c 3000000 /dev/zero"), step(program, "cat"), step(program, "wc -c")]
    assert program.flow(here, *steps).strip() == "3000000"


def test_rows_of_a_dump_are_counted(program: ModuleType, here: Any) -> None:
    tables = {"public.a (b)": "1\n2\n", "public.b (c)": "", "x.y": "z\n"}
    script = "SET x;\n" + "".join(f"COPY {name} FROM stdin;\n{rows}\\.\n" for name, rows in tables.items())
    steps = [step(program, f"cat <<'E'\n{script}E"), program.Step(["awk", program.COPIED], program.PATH)]
    assert program.flow(here, *steps).split() == ["3", "3"]


def test_extensions_are_made_by_who_may_and_rows_stay_rows(program: ModuleType, here: Any) -> None:
    extension = "CREATE EXTENSION IF NOT EXISTS a;\nCOMMENT ON EXTENSION a IS 'b';\n"
    script = f"SET x;\n{extension}COPY public.a (b) FROM stdin;\n{extension}\\.\nSELECT 1;\n"

    def made(role: str) -> str:
        awk = program.Step(["awk", "-v", f"role={role}", program.EXTENSIONS], program.PATH)
        return str(program.flow(here, step(program, f"cat <<'E'\n{script}E"), awk))

    first, second = extension.splitlines()
    role = 'set role "blog";'
    wrapped = "".join(f"reset role;\n{line}\n{role}\n" for line in (first, second))
    assert made(role) == script.replace(extension, wrapped, 1)
    assert made("") == script.replace(f"{second}\n", "", 1)


# --- files


def database(path: Path, rows: int) -> sqlite3.Connection:
    base = sqlite3.connect(path)
    base.execute("pragma journal_mode = wal")
    base.execute("create table if not exists notes (text)")
    base.executemany("insert into notes values (?)", [(number,) for number in range(rows)])
    base.commit()
    return base


def test_a_copy_has_what_is_in_the_log_only(program: ModuleType, tmp_path: Path) -> None:
    writer = database(tmp_path / "a?b#%.db", 100)
    assert program.rows_of(tmp_path / "a?b#%.db") == (0, 0), "nothing would be missed"
    program.copy_database(str(tmp_path / "a?b#%.db"), str(tmp_path / "copy"))
    writer.close()
    assert program.rows_of(tmp_path / "copy", check=True) == (1, 100)
    assert not list(tmp_path.glob("copy-*"))


def test_a_damaged_database_is_found(program: ModuleType, tmp_path: Path) -> None:
    database(tmp_path / "own.db", 20000).close()
    with (tmp_path / "own.db").open("r+b") as stream:
        stream.seek(20 * 4096)
        stream.write(b"\xff" * 4096)
    assert program.attempt(lambda: program.rows_of(tmp_path / "own.db", check=True))


def test_databases_are_found_whatever_they_are_called(program: ModuleType, here: Any) -> None:
    database(here.shared / "things", 1).close()
    (here.shared / "text.db").write_text("no database")
    (here.shared / "link").symlink_to(here.shared / "things")
    os.mkfifo(here.shared / "pipe")
    found = program.look_at(here)
    assert found["databases"] == [str(here.shared / "things")]
    assert str(os.getuid()) in found["owners"]["users"]


def test_an_app_without_rows_and_files_has_nothing_to_lose(program: ModuleType, here: Any) -> None:
    (here.shared / "data").mkdir()
    database(here.shared / "data/own.db", 0).close()
    assert program.occupied(here) == []
    (here.shared / "empty").touch()
    assert program.occupied(here) == [f"1 file in {here.shared}"]


def test_rows_that_are_in_the_log_only_are_somebodys(program: ModuleType, here: Any) -> None:
    writer = database(here.shared / "own.db", 5)
    assert program.occupied(here) == [f"1 file in {here.shared}"]
    writer.close()
    assert program.occupied(here) == [f"1 file in {here.shared}"]


def test_patterns_mean_one_path(program: ModuleType) -> None:
    assert program.literal("/srv/a [b]*?$c\\d") == "/srv/a \\[b\\]\\*\\?$$c\\\\d"


def test_accounts_are_known_by_name(program: ModuleType) -> None:
    here = {"root": 0, "app-blog": 7}
    assert program.renumbered({"0": "root", "5": "app-blog", "6": "gone"}, here.__getitem__) == {5: 7}


def test_an_exchange_leaves_nothing_of_before_and_the_folder_itself(program: ModuleType, here: Any) -> None:
    work = here.shared / program.WORK
    (work / "new").mkdir(parents=True)
    (work / "new/a").write_text("restored")
    (here.shared / "a").write_text("old")
    (here.shared / "b").write_text("old")
    number = here.shared.stat().st_ino
    program.exchange(work / "new", here.shared, work / "before")
    assert {path.name for path in here.shared.iterdir()} == {"a", program.WORK}
    assert (here.shared / "a").read_text() == "restored" and here.shared.stat().st_ino == number


def test_variables_that_differ_are_named_and_not_shown(program: ModuleType, here: Any) -> None:
    old, live = (folder / "environment.json" for folder in (here.root / "old/activations/x", here.root / "current"))
    for path, value in ((old, {"A": "1", "B": "2", "C": "3"}), (live, {"A": "1", "B": "hunter2", "D": "4"})):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(value))
    assert program.told_apart(here, here.root / "old") == ["B", "C", "D"]


def test_what_happened_is_one_line_that_only_root_reads(
    program: ModuleType, here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program.Here, "state", property(lambda _: tmp_path / "state"))
    monkeypatch.setattr(program.signal, "signal", lambda *_: None)

    def fails(row: dict[str, Any]) -> None:
        row["added"] = 5
        raise program.Failed("no room")

    row = program.recorded(here, "backup", fails)
    path = tmp_path / "state/backups.jsonl"
    assert json.loads(path.read_text()) == row
    assert (row["ok"], row["said"], row["added"], row["kind"]) == (False, "no room", 5, "backup")
    assert path.stat().st_mode & 0o777 == 0o600
    beside = program.recorded(here, "backup", lambda _: row.update(beside=program.recorded(here, "drill", fails)))
    assert beside["ok"] and "is at work on this host" in row["beside"]["said"]
    assert len(path.read_text().splitlines()) == 2
