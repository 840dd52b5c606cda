# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL behind the blog: on a host of its own, and on the one that serves it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.hosts import Host

from . import inside
from .commits import QUICK, good_migration, migration
from .ground import Ground
from .play import Run
from .test_secrets import watching

KEPT = "/etc/slipway/blog/database.secret"
BEHIND_PSQL = "runuser -u postgres -- psql -XAtq"


def sql(host: Host, query: str, database: str = "blog") -> str:
    return inside.sh(host, f'{BEHIND_PSQL} -d {database} -c "{query}"')


@pytest.fixture(scope="module")
def apart(ground: Callable[..., Ground]) -> Ground:
    """The blog on one host, its database on another."""
    return ground("database", 2, groups={"nginx_uwsgi": (1,), "databases": (2,)}, **QUICK)


@pytest.fixture(scope="module")
def first(apart: Ground) -> Run:
    """From two bare hosts."""
    return apart.play("site", "-vvv", "--diff").good()


@pytest.fixture
def here(apart: Ground, first: Run) -> Iterator[Ground]:
    yield apart
    apart.project.reset()


def password(here: Ground) -> str:
    return inside.sh(here.hosts[-1], f"cat {KEPT}")


def test_what_people_write_is_in_the_database(here: Ground) -> None:
    assert here.live() == here.project.head
    assert int(sql(here.hosts[1], "select count(*) from posts")) > 5
    assert not inside.sh(here.host, "ls /srv/blog/shared/data 2>/dev/null || true")
    assert sql(here.hosts[1], "select pg_get_userbyid(datdba) from pg_database where datname = 'blog'") == "blog"


def test_a_second_run_changes_nothing(here: Ground) -> None:
    assert here.play("site").good().changed == 0


def test_connections_are_encrypted_and_the_server_is_known(here: Ground) -> None:
    web, database = here.hosts
    of_the_app = "from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'blog'"
    assert sql(database, f"select distinct ssl {of_the_app}") == "t"
    # the certificate of anybody else is not taken
    url = told(web)
    other = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout /dev/null -out /run/other.pem 2>/dev/null"
    inside.sh(web, f"command -v openssl || apt-get -qq install -y openssl; {other}")
    assert connects(web, url) == "connected"
    assert "certificate verify failed" in connects(web, url.replace("/etc/slipway/blog/database.pem", "/run/other.pem"))
    # and nobody is let in without encryption, or under another name
    assert "no pg_hba.conf entry" in connects(web, url.replace("verify-ca", "disable"))
    assert "no pg_hba.conf entry" in connects(web, url.replace("/blog?", "/postgres?"))


def told(host: Host) -> str:
    """The address of the database as the app's host was told."""
    return inside.sh(
        host, 'sed -n \'s/.*"DATABASE_URL": "\\(.*\\)".*/\\1/p\' /etc/slipway/blog/services/databases.json'
    )


def connects(host: Host, url: str) -> str:
    """As the app does it."""
    code = "import os, psycopg2; psycopg2.connect(os.environ['URL']); print('connected')"
    python = "/srv/blog/current/release/venv/bin/python"
    return inside.sh(host, f"URL='{url}' {python} -c \"{code}\" 2>&1 || true")


def test_the_password_is_shown_nowhere(here: Ground, first: Run) -> None:
    secret = password(here)
    assert len(secret) > 40
    assert "postgresql_user" in first.output and secret not in first.output
    here.project.new_page("Told to nobody")
    with watching(secret) as shown:
        run = here.play("site", "-vvv", "--diff").good()
    assert secret not in run.output and shown == []
    for host in here.hosts:
        places = "/etc /srv /var/lib/slipway /var/log /tmp /root"
        for path in inside.sh(host, f"grep -rlsF '{secret}' {places} || true").split():
            mode = inside.sh(host, f"stat -c %a {path}")
            assert mode in ("600", "640"), f"{path} has mode {mode}"


def test_a_deploy_needs_no_look_at_the_password(here: Ground) -> None:
    before = inside.live(here.host)
    here.project.new_page("Only shipped")
    assert here.play("deploy").good().changed
    assert inside.live(here.host) != before
    assert here.live() == here.project.head


def test_what_runs_once_does_not_run_again_beside_a_host_that_was_made_anew(here: Ground) -> None:
    """Such a host does not know that it has run; the database has tables."""
    inside.sh(here.host, "rm /var/lib/slipway/blog/markers.json")
    here.project.new_page("Shipped to a host made anew")
    again = "/srv/blog/shared/data/again"
    here.play("deploy", extra={"app_init_commands": [f"touch {again}"]}).good()
    assert inside.sh(here.host, f"ls {again} 2>/dev/null || true") == ""
    assert json.loads(inside.sh(here.host, "cat /var/lib/slipway/blog/markers.json"))["initialised"]


def test_one_host_alone_keeps_what_it_was_told(here: Ground) -> None:
    here.play("deploy").good()
    was = told(here.host)
    rules = inside.sh(here.hosts[1], "cat /etc/postgresql/*/main/pg_hba.conf")
    for host in here.wanted.host_names:
        assert here.play("site", "--limit", host).good().changed == 0
    assert told(here.host) == was
    assert inside.sh(here.hosts[1], "cat /etc/postgresql/*/main/pg_hba.conf") == rules


def test_another_password_reaches_the_app(here: Ground) -> None:
    here.describe(**QUICK, postgresql_password="said by an inventory/with signs @:%")
    try:
        here.play("site").good()
        assert here.play("site").good().changed == 0
        assert here.live() == here.project.head
        assert "said%20by%20an%20inventory%2Fwith%20signs%20%40%3A%25" in told(here.host)
    finally:
        here.describe(**QUICK)


def test_status_says_how_the_database_is(here: Ground) -> None:
    here.play("deploy").good()
    told_of = here.play("status").good().output
    assert " MB" in told_of.partition("database  on ")[2].splitlines()[0]
    unit = inside.sh(here.hosts[1], "systemctl list-units --plain --no-legend 'postgresql@*' | cut -d' ' -f1")
    inside.sh(here.hosts[1], f"systemctl stop {unit}")
    try:
        here.play("status").bad("The database on", "does not answer", "Connection refused")
    finally:
        inside.sh(here.hosts[1], f"systemctl start {unit}")
    here.play("status").good()


def test_everything_wrong_with_the_database_is_said_at_once(here: Ground) -> None:
    wrong = {"postgresql_database": "my-blog", "postgresql_connections": 1}
    run = here.play("site", extra=wrong).bad(
        'postgresql_database is "my-blog": write a name of a-z', "postgresql_connections is 1", "Nothing was changed."
    )
    assert run.changed == 0


@pytest.fixture(scope="module")
def bare(ground: Callable[..., Ground]) -> Ground:
    """One host for both."""
    return ground("database-one", groups={"nginx_uwsgi": (), "databases": ()}, **QUICK)


@pytest.fixture(scope="module")
def one(bare: Ground) -> Ground:
    bare.play("site").good()
    return bare


def test_check_mode_changes_nothing_on_a_host_that_has_only_python(bare: Ground) -> None:
    inside.sh(bare.host, "apt-get -qq update; apt-get -qq install -y python3")
    untouched = inside.state(bare.host)
    bare.play("setup", "--check", "--diff").good()
    assert inside.difference(untouched, inside.state(bare.host)) == []


def test_what_is_somebody_elses_is_left_alone(one: Ground) -> None:
    run = one.play("setup", extra={"postgresql_database": "postgres"})
    run.bad("There is a role or a database postgres that is not of blog", "postgresql_adopt: true")
    assert one.play("site").good().changed == 0


def schema(here: Ground) -> str:
    return sql(here.host, "select version_num from alembic_version")


def test_on_one_host_nobody_else_reaches_the_server(one: Ground) -> None:
    assert one.play("site").good().changed == 0
    assert int(sql(one.host, "select count(*) from posts")) > 5
    assert "@127.0.0.1:5432/blog" in told(one.host)
    addresses = inside.sh(one.host, "ss -Hltn 'sport = 5432' | awk '{print $4}'").split()
    assert set(addresses) <= {"127.0.0.1:5432", "[::1]:5432"}


def test_migrations_are_told_before_they_run_and_a_release_that_does_not_know_them_is_not_gone_back_to(
    one: Ground,
) -> None:
    before = schema(one)
    one.project.commit("A mood for each post", good_migration(one.project))
    number = one.project.revision()
    run = one.play("deploy", "--check", "--diff").good()
    assert f"migrate to {number}" in run.output and schema(one) == before
    shipped = one.play("deploy", "--diff").good()
    assert schema(one) == number
    live = one.live()
    dumped(one, live, before, shipped)
    one.play("rollback").bad(f"The database is at {number}, which", "rollback_newer_schema=true")
    assert one.live() == live and inside.well(one.host) == []
    one.play("rollback", extra={"rollback_newer_schema": True}).good()
    assert one.live() != live and schema(one) == number
    one.play("deploy").good()
    assert one.live() == live
    one.project.settle()


def dumped(here: Ground, commit: str, before: str, run: Run) -> None:
    """What the database was before is in a file of root's, and can be brought back from there."""
    path = inside.sh(here.host, "ls /var/lib/slipway/blog/dumps/*")
    assert commit[:12] in path and path in run.output
    assert inside.sh(here.host, f"stat -c '%a %U' {path}") == "600 root"
    inside.sh(
        here.host, f"runuser -u postgres -- createdb scratch; runuser -u postgres -- pg_restore -d scratch <{path}"
    )
    assert sql(here.host, "select version_num from alembic_version", "scratch") == before
    count = "select count(*) from posts"
    assert sql(here.host, count, "scratch") == sql(here.host, count)
    inside.sh(here.host, "runuser -u postgres -- dropdb scratch")


def test_what_takes_something_away_wants_to_be_said(one: Ground) -> None:
    live, number = one.live(), one.project.revision()
    one.project.commit("No mood any more", migration(one.project, f'op.drop_column("posts", "{mood(one)}")'))
    later = one.project.revision()
    said = one.play("deploy", "--check", "--diff").good().output
    assert f"migrate to {later}, drop_column" in said and "stop before it migrates: Migrations of this commit" in said
    one.play("deploy").bad(f"for good: {later}", f"drop_column posts.{mood(one)}", "app_migrate_destructive: true")
    assert (one.live(), schema(one)) == (live, number)
    one.play("deploy", extra={"app_migrate_destructive": True}).good()
    assert schema(one) == later and one.live() == one.project.head


def mood(here: Ground) -> str:
    of_posts = "from information_schema.columns where table_name = 'posts'"
    return sql(here.host, f"select column_name {of_posts} and column_name like 'mood%' order by 1 desc limit 1")


def test_a_commit_that_does_not_know_the_database_is_not_shipped(one: Ground) -> None:
    at, live = schema(one), one.live()
    one.project.reset()
    one.project.new_page("From another branch")
    one.play("deploy").bad(f"The database is at {at}, which this commit does not know")
    assert (one.live(), schema(one)) == (live, at)


def test_taken_off_the_app_leaves_its_database_until_somebody_says_its_name(one: Ground) -> None:
    one.play("site", extra={"app_state": "absent"}).good()
    assert int(sql(one.host, "select count(*) from posts")) > 5
    one.play("site", extra={"app_state": "absent", "app_delete_data": "blog"}).good()
    left = sql(one.host, "select datname from pg_database union select rolname from pg_roles", "postgres").split()
    assert "postgres" in left and "blog" not in left
    assert not inside.sh(one.host, f"ls {KEPT} 2>/dev/null || true")
    assert "blog" not in inside.sh(one.host, "cat /etc/postgresql/*/main/pg_hba.conf")
