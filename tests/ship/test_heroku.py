# SPDX-License-Identifier: GPL-3.0-or-later
"""The blog at Heroku, as somebody ships it who has no host: the role against the stand-in (tests/platforms/heroku)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platforms.heroku import Platform, platform

from .commits import after, broken_migration, unwell
from .conftest import OWN, claimed
from .harm import until
from .lodger import Lodger, comment, live, room
from .probe import ask
from .test_secrets import watching

APP = "slipway-blog"
ADDONS = ["heroku-postgresql:essential-0", "cloudamqp:lemur"]
ON_HEROKU = '"DYNO" in os.environ'


class Blog(Lodger):
    """The blog at Heroku, and what its owner sees there."""

    def __init__(self, folder: Path, heroku: Platform) -> None:
        self.heroku = heroku
        super().__init__(
            folder,
            "heroku",
            {"HEROKU_API_KEY": heroku.key},
            heroku_app=APP,
            heroku_api_url=heroku.api_url,
            heroku_git_url=heroku.git_url(APP),
            heroku_addons=ADDONS,
        )
        self.hidden.add(heroku.key)

    @property
    def url(self) -> str:
        return str(self.get("")["web_url"])

    def get(self, part: str) -> Any:
        return self.heroku.call("GET", f"/apps/{APP}{part}")

    def sql(self, query: str) -> str:
        return self.heroku.sql(APP, query)

    def versions(self) -> list[tuple[int, str]]:
        return [(row["version"], row["status"]) for row in self.get("/releases")]


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blog]:
    """With its first commit live."""
    name = f"blog{OWN}"
    with claimed(f"heroku-{name}"), platform(name, BOOT_SECONDS="20") as heroku:
        made = Blog(room(tmp_path_factory, "heroku"), heroku)
        with watching(made.secret, heroku.key) as shown:
            run = made.silent(made.play("-vvv").good())
        assert run.changed
        assert not shown, "argument lists hold secrets"
        yield made


@pytest.fixture(autouse=True)
def forgotten(blog: Blog) -> Iterator[None]:
    """What a test commits no other one builds on, unless it went live."""
    yield
    blog.project.reset()


def test_it_is_served_and_its_tasks_are_done(blog: Blog) -> None:
    assert live(blog.url) == blog.project.head
    assert "Slipway" in ask(blog.url)
    assert ask(f"{blog.url}static/style.css")
    comment(blog.url, blog.sql)
    assert sorted(row["name"] for row in blog.get("/dynos")) == ["celery.1", "web.1"]


def test_a_second_run_changes_nothing(blog: Blog) -> None:
    before = blog.versions()
    assert blog.play().good().changed == 0
    assert blog.versions() == before


def test_secrets_stand_in_config_vars_alone(blog: Blog) -> None:
    assert blog.get("/config-vars")["SECRET_KEY"] == blog.secret
    found = [path for path in blog.tree.rglob("*") if path.is_file() and blog.secret.encode() in path.read_bytes()]
    assert found == []
    everything = subprocess.run(["git", "log", "-p", "--all"], cwd=blog.tree, capture_output=True, check=True).stdout
    assert blog.secret.encode() not in everything and b".slipway/attestation.json" in everything


def test_check_mode_says_what_would_be_shipped(blog: Blog) -> None:
    before = blog.versions()
    commit = blog.project.new_page("Only looked at")
    run = blog.play("--check", app_secrets={"SECRET_KEY": blog.secret, "FURTHER": "x"}).good()
    assert run.changed and commit[:12] in run.output
    assert blog.versions() == before and "FURTHER" not in blog.get("/config-vars")


def test_a_new_commit_with_a_migration_and_back_again(blog: Blog) -> None:
    blog.there_and_back(heroku_rollback="previous")


def test_a_migration_that_fails_leaves_the_old_release(blog: Blog) -> None:
    edits = broken_migration(blog.project)
    blog.stays_when("A migration that fails there", edits, "is not live", "two posts have the same title", "goes on")


def test_an_app_that_does_not_start_there_goes_back(blog: Blog) -> None:
    broken = f'if {ON_HEROKU}:\n    raise ImportError("no libmagic on this dyno")\n'
    edits = {"webapp/health.py": after("import os", broken)}
    blog.stays_when("Starts here and not there", edits, "is not well", "no libmagic on this dyno")


@pytest.mark.soak
def test_an_app_that_is_not_well_there_goes_back(blog: Blog) -> None:
    blog.stays_when("Not well there", {"webapp/health.py": unwell(ON_HEROKU)}, "is not well", "503")


def test_what_is_wrong_is_said_before_anything_changes(blog: Blog) -> None:
    before = blog.versions(), blog.get("/config-vars")
    wrong: dict[str, Any] = {
        "heroku_formation": {"wbe": 1},
        "heroku_addons": [ADDONS[1]],
        "app_shared": ["uploads"],
        "app_python": "3.9",
    }
    blog.play(**wrong).bad(
        "heroku_formation has wbe, which is no process type of the app: it has web, celery",
        "database, heroku: its disk does not last",
        "app_shared uploads, heroku: its disk does not last",
        "platform_accepts: [app_shared.uploads]",
        "Python, heroku: it has 3.11",
    )
    blog.play(
        app_environment={"PORT": "80"}, heroku_stack="heroku-1", heroku_addons=[*ADDONS, "heroku-redis:mini"]
    ).bad("PORT", "heroku-1", "heroku-redis")
    blog.play(uwsgi_threads="many").bad('uwsgi_threads is "many"')
    others = {"runtime.txt": "python-3.13.1\n", "poetry.lock": "", "Procfile": "web: x\n"}
    blog.project.commit("Files of others", others)
    blog.play().bad("runtime.txt", "requirements.txt and poetry.lock", "The commit has Procfile")
    assert before == (blog.versions(), blog.get("/config-vars"))


def test_a_key_that_is_refused_is_said_before_the_tests(blog: Blog) -> None:
    run = blog.play(heroku_api_key="wrong-key-of-somebody").bad("401")
    assert "Test the commit]" not in run.output and "wrong-key-of-somebody" not in run.output
    blog.play(heroku_api_key="").bad("api_key is empty. Make one with `heroku authorizations:create`")


def test_it_runs_here_with_honcho(blog: Blog, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "honcho", "check"], cwd=blog.tree, check=True, capture_output=True)
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/blog.db"}
    playing = blog.start(heroku_local=True, heroku_port=5733, heroku_local_environment=database)
    url = "http://127.0.0.1:5733/"
    try:
        until(lambda: "ok" in ask(f"{url}healthz"), "honcho to serve the blog", 90)
        assert "celery.1" in playing.output
    finally:
        playing.kill()
    until(lambda: nobody_at(f"{url}healthz"), "honcho to end", 15)


def nobody_at(url: str) -> bool:
    try:
        ask(url)
    except OSError:
        return True
    return False


def test_absent_deletes_it_when_told_twice(blog: Blog) -> None:
    blog.play(heroku_state="absent").bad("app_delete_data")
    blog.play(heroku_state="absent", app_delete_data="blog").good()
    assert APP not in json.dumps(blog.heroku.call("GET", "/apps"))
    assert blog.play(heroku_state="absent", app_delete_data="blog").good().changed == 0
