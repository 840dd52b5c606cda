# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the blog, as in docs/backups.md (-i prod): made on another host, tried, and brought back to a bare one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests import hosts
from tests.hosts import Host
from tests.platforms.beanstalk import platform

from . import inside
from .commits import QUICK
from .conftest import OWN, claimed
from .ground import Ground
from .test_database import sql, told
from .test_secrets import watching

PASSWORD = "a-password-that-two-places-know"
GROUPS = {"nginx_uwsgi": (), "databases": ()}
SHARED = "/srv/blog/shared"
# what people store: a file with a name of its own, a link, and a database of SQLite of which a part is in its log only
STORED = f"""cd {SHARED}/data; rm -rf *
mkdir -p 'of [anna]'; head -c 3000000 /dev/urandom >'of [anna]/$HOME *.jpg'; ln -s /nowhere link; touch empty
chmod 0640 'of [anna]'/*; chown -hR app-blog:app-blog .
runuser -u app-blog -- python3 -c '
import os, sqlite3
base = sqlite3.connect("own.db")
base.execute("pragma journal_mode = wal")
base.execute("create table notes (text)")
base.executemany("insert into notes values (?)", [(number,) for number in range(1000)])
base.commit()
os.kill(os.getpid(), 9)' || test -s own.db-wal
"""
FILES = f"""cd {SHARED}
find . ! -name 'own.db*' -printf '%p %M %u %g %l\\n' | sort
find . -type f ! -name 'own.db*' -exec sha256sum {{}} + | sort
runuser -u app-blog -- python3 -c '
import sqlite3
print(sqlite3.connect("data/own.db").execute("select count(*), sum(text) from notes").fetchone())'
"""
ROWS = "select count(*), md5(string_agg(posts::text, '' order by id)) from posts"
# other accounts came first, so that the app's have other numbers
STRANGERS = "for name in one two three; do useradd --system $name; done"


class Vault:
    """A host that keeps what others send it by sftp."""

    def __init__(self, host: Host) -> None:
        self.host = host
        address = inside.sh(host, "hostname -I").split()[0]
        inside.sh(host, "[ -e /root/key ] || ssh-keygen -qt ed25519 -N '' -f /root/key")
        inside.sh(host, "cat /root/key.pub >>/root/.ssh/authorized_keys; mkdir -p /vault")
        known = inside.sh(host, "ssh-keygen -yf /etc/ssh/ssh_host_ed25519_key | cut -d' ' -f1,2")
        self.variables = {
            "backup_time": "daily",
            "backup_repository": f"sftp:root@{address}:/vault/blog",
            "backup_password": PASSWORD,
            "backup_ssh_key": inside.sh(host, "cat /root/key"),
            "backup_ssh_known_hosts": [f"{address} {known}"],
        }


@dataclass(frozen=True)
class Kept:
    """What a host had stored when it was lost, and the vault that has it."""

    files: str
    rows: str
    account: str
    vault: Vault


@pytest.fixture(scope="module")
def vault(ground: Callable[..., Ground]) -> Vault:
    return Vault(ground("backup-vault").host)


@pytest.fixture(scope="module")
def first(ground: Callable[..., Ground], vault: Vault) -> Ground:
    """The blog with its database on one host, backed up once."""
    here = ground("backup", groups=GROUPS, **QUICK, **vault.variables)
    here.play("site").good()
    inside.sh(here.host, STORED)
    sql(here.host, "create table of_somebody_else (a int)")
    # one that only a superuser may make
    sql(here.host, "create extension pageinspect")
    here.play("backup").good()
    return here


def records(host: Host) -> list[dict[str, Any]]:
    return [json.loads(line) for line in inside.sh(host, "cat /var/lib/slipway/blog/backups.jsonl").splitlines()]


def test_a_backup_says_what_it_did_and_shows_no_password(first: Ground) -> None:
    with watching(PASSWORD) as shown:
        run = first.play("backup", "-vvv", "--diff").good()
    row = records(first.host)[-1]
    assert row["ok"] and row["said"] == "" and row["kind"] == "backup"
    assert f"Backed up files as {row['snapshots']['files']} and database as" in run.output
    assert row["total"] > 3_000_000 > row["added"], "what is there already was sent again"
    assert PASSWORD not in run.output and shown == []
    for path in inside.sh(first.host, f"grep -rlsF '{PASSWORD}' /etc /srv /var/lib /var/log /usr/local /root").split():
        assert inside.sh(first.host, f"stat -c '%a %U' {path}") == "600 root", path


def test_a_change_is_announced_without_the_password(first: Ground) -> None:
    run = first.play("setup", "--check", "--diff", "-vvv", extra={"backup_keep": {"daily": 3}}).good()
    assert "content not shown" in run.output and PASSWORD not in run.output


def test_timers_are_on(first: Ground) -> None:
    timers = inside.sh(first.host, "systemctl list-timers --no-legend 'slipway-*'")
    assert "slipway-backup@blog.service" in timers and "slipway-drill@blog.service" in timers


def test_a_drill_brings_back_what_there_is(first: Ground) -> None:
    run = first.play("backup", "-e", "backup_drill=true").good()
    row = records(first.host)[-1]
    rows = int(sql(first.host, "select count(*) from posts"))
    assert "The newest backup can be brought back" in run.output
    assert row["kind"] == "drill" and row["rows"] > 1000 + rows and row["bytes"] > 3_000_000
    assert "slipway_drill_blog" not in sql(first.host, "select datname from pg_database")
    assert inside.names(first.host, "/srv/blog") & {"backup.work", "drill.work"} == set()


def test_a_wrong_password_is_said_and_status_says_how_backups_stand(first: Ground) -> None:
    with wrong_password(first.host):
        first.play("backup").bad("The repository sftp:root@", "does not open with this password")
    first.play("status").bad("The last backup failed: The repository sftp:", "does not open with this password")
    first.play("backup").good()
    assert "MB, tried 20" in first.play("status").good().output.partition("backup  20")[2].splitlines()[0]


@contextmanager
def wrong_password(host: Host) -> Iterator[None]:
    """As if somebody had changed the password that backups were made with."""
    path = "/etc/slipway/blog/backup.password"
    inside.sh(host, f"cp -p {path} /run/right; echo another >{path}")
    try:
        yield
    finally:
        inside.sh(host, f"cp -p /run/right {path}")


def test_a_target_that_is_away_or_full_is_said_plainly(first: Ground, vault: Vault) -> None:
    before = inside.state(first.host)
    inside.sh(vault.host, "systemctl stop ssh.socket ssh.service")
    try:
        first.play("backup").bad("The repository sftp:root@", "cannot be reached", "Connection refused")
        first.play("restore").bad("cannot be reached", "Connection refused")
    finally:
        inside.sh(vault.host, "systemctl start ssh.service")
    with full_folder(first.host):
        first.play("backup").bad(
            "A backup into /full/blog needs 64 MB, and /full/blog has", "MB free. Make room there."
        )
    # what went wrong is written down, and systemd knows
    own = ("/var/lib/slipway", "slipway-backup@blog.service", "/etc/slipway/blog/backup.json")
    assert [
        one for one in inside.difference(before, inside.state(first.host)) if not any(at in one for at in own)
    ] == []


@contextmanager
def full_folder(host: Host) -> Iterator[None]:
    """As if the inventory had said a folder of a disk that has hardly any room."""
    path = "/etc/slipway/blog/backup.json"
    inside.sh(host, f"mkdir /full; mount -t tmpfs -o size=8m none /full; cp -p {path} /run/json")
    inside.sh(host, f'sed -i \'s|"repository": ".*"|"repository": "/full/blog"|\' {path}')
    try:
        yield
    finally:
        inside.sh(host, f"cp -p /run/json {path}; umount /full; rmdir /full")


def test_a_repository_that_is_gone_is_not_begun_anew(first: Ground, vault: Vault) -> None:
    inside.sh(vault.host, "mv /vault/blog /vault/away")
    try:
        first.play("backup").bad("is not there any more, and it had backups. Is its disk mounted?")
    finally:
        inside.sh(vault.host, "rm -rf /vault/blog; mv /vault/away /vault/blog")
    first.play("backup").good()


def test_everything_wrong_is_said_before_anything_changes(first: Ground) -> None:
    wrong = {"backup_time": "dayly", "backup_password": "", "backup_keep": {"daily": 0}}
    run = first.play("setup", extra=wrong).bad(
        'backup_time is "dayly". Did you mean daily?',
        "backup_repository is set and backup_password is not",
        "backup_keep keeps none",
        "Nothing was changed.",
    )
    assert run.changed == 0


def test_nothing_is_replaced_unasked_and_what_there_is_is_listed(first: Ground) -> None:
    first.play("restore").bad(
        "3 files in /srv/blog/shared", "of its database, which would be lost", "restore_over=true"
    )
    newest = records(first.host)[-1]["snapshots"]["database"]
    first.play("restore", extra={"backup_from": "0123abcd"}).bad("There is no backup 0123abcd", newest)
    assert inside.well(first.host) == []


@pytest.fixture(scope="module")
def lost(first: Ground, vault: Vault) -> Kept:
    """The first host is gone for good, after a backup by its timer's own unit."""
    inside.sh(first.host, "systemctl start slipway-backup@blog.service")
    assert records(first.host)[-1]["ok"]
    account = inside.sh(first.host, "id -u app-blog")
    kept = Kept(inside.sh(first.host, FILES), sql(first.host, ROWS), account, vault)
    hosts.down(first.wanted.name)
    return kept


@pytest.fixture(scope="module")
def again(first: Ground, lost: Kept) -> Iterator[Ground]:
    """A bare host of the same name, from the same inventory."""
    here = Ground(first.folder, first.wanted, first.project, {**QUICK, **lost.vault.variables})
    inside.sh(here.host, STRANGERS)
    here.play("site").good()
    sql(here.host, "create table of_somebody_else (a int); create view of_him as select * from of_somebody_else")
    yield here


def test_a_bare_host_has_all_of_it_after_site_and_restore(again: Ground, lost: Kept) -> None:
    assert inside.sh(again.host, "id -u app-blog") != lost.account
    assert sql(again.host, ROWS) != lost.rows
    again.play("restore", "--check", extra={"restore_over": True}).good()
    assert inside.names(again.host, SHARED + "/data") == set()
    run = again.play("restore", extra={"restore_over": True}).good()
    assert inside.sh(again.host, FILES) == lost.files
    assert sql(again.host, ROWS) == lost.rows
    assert "Restored 3 files with 3.02 MB and" in run.output
    # the inventory's value is in use, and that there was another one is said
    assert "other values then of SECRET_KEY;" in " ".join(run.output.split())
    assert again.live() == again.project.head and inside.well(again.host) == []
    assert again.play("site").good().changed == 0
    assert inside.names(again.host, SHARED) == {"data"}


def test_a_restore_that_fails_leaves_everything_as_it_was(again: Ground, lost: Kept) -> None:
    # the server refuses when tables are made: the old ones have been taken away by then
    sql(again.host, "create function refuse() returns event_trigger language plpgsql as 'begin raise ''not now''; end'")
    sql(
        again.host,
        "create event trigger refuse on ddl_command_start when tag in ('CREATE TABLE') execute function refuse()",
    )
    try:
        again.play("restore", extra={"restore_over": True}).bad("psql says", "not now")
    finally:
        sql(again.host, "drop event trigger refuse; drop function refuse")
    assert sql(again.host, ROWS) == lost.rows and inside.sh(again.host, FILES) == lost.files
    assert again.live() == again.project.head and inside.well(again.host) == []


def test_a_database_elsewhere_is_backed_up_by_the_host_that_serves_the_app(again: Ground, lost: Kept) -> None:
    secrets = {"SECRET_KEY": again.secret, "DATABASE_URL": told(again.host)}
    again.describe(**QUICK, **lost.vault.variables, app_secrets=secrets)
    again.play("setup").good()
    with watching(secrets["DATABASE_URL"].split(":")[2].split("@")[0]) as shown:
        again.play("backup").good()
        again.play("backup", extra={"backup_drill": True}).good()
        again.play("restore", extra={"restore_over": True}).good()
    assert shown == []
    drill, restored = records(again.host)[-2:]
    assert drill["rows"] == restored["rows"] + 1000 and drill["tables"] == restored["tables"] + 1
    assert sql(again.host, ROWS) == lost.rows


@pytest.mark.soak
def test_a_bucket_at_s3_keeps_them_as_well(again: Ground, lost: Kept) -> None:
    """At moto's S3, in a host of its own: AWS itself is not reached by tests."""
    again.describe(**QUICK, **lost.vault.variables)
    again.play("setup").good()
    again.play("restore", extra={"restore_over": True}).good()
    called = f"s3{OWN}"
    with claimed(called), platform(called) as cloud:
        address = inside.sh(cloud.host, "hostname -I").split()[0]
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
        again.describe(
            **QUICK,
            backup_time="daily",
            backup_repository=f"s3:http://{address}:{cloud.port}/kept/blog",
            backup_password=PASSWORD,
            backup_environment={key: cloud.environment[key] for key in keys},
        )
        again.play("setup").good()
        again.play("backup").good()
        again.play("backup", extra={"backup_drill": True}).good()
        again.play("restore", extra={"restore_over": True}).good()
    assert inside.sh(again.host, FILES) == lost.files and sql(again.host, ROWS) == lost.rows


def test_the_hosts_own_folder_needs_nothing_and_stays_until_the_app_is_named(again: Ground) -> None:
    own = "/var/backups/slipway"
    again.describe(**QUICK, backup_time="03:00")
    again.play("setup").good()
    again.play("backup").good()
    assert inside.sh(again.host, f"stat -c '%a %U' {own} {own}/blog.password").split("\n") == ["700 root", "600 root"]
    again.describe(**QUICK)
    again.play("setup").good()
    off = again.play("setup").good()
    assert off.changed == 0 and "slipway.flask.backup" not in off.output
    left = inside.sh(again.host, "systemctl list-timers --all --no-legend; find /etc/systemd /etc/slipway")
    assert "@blog" not in left and "backup" not in left.replace("dpkg-db-backup", "")
    again.describe(**QUICK, backup_time="03:00")
    again.play("setup").good()
    again.play("site", extra={"app_state": "absent"}).good()
    assert {"blog", "blog.password"} <= inside.names(again.host, own)
    assert "@blog" not in inside.sh(again.host, "systemctl list-units --all --plain --no-legend 'slipway-*'")
    assert inside.names(again.host, "/etc/slipway") & {"blog"} == set()
