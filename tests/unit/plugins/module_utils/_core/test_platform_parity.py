# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app import describe
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import settle as settle_celery
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import TARGETS, settle
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_differences import rows
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_parity import View, problems, table

READY = {
    "heroku_addons": ["heroku-postgresql:essential-0", "cloudamqp:lemur"],
    "elastic_beanstalk_database": "db.t4g.micro",
}


def view(tasks: bool = True, python: str = "3.13", handlers: str = "", **given: Any) -> View:
    app = describe(
        {"app_name": "blog", "app_source": "/src", **{k: v for k, v in given.items() if k.startswith("app_")}}
    )
    own = {name: value for name, value in given.items() if not name.startswith(("app_", "celery_"))}
    celery = settle_celery({name: value for name, value in given.items() if name.startswith("celery_")})
    return View(app, celery if tasks else None, settle({**READY, **own}, "blog"), {}, python, handlers)


def said(one: View, *targets: str) -> list[str]:
    return problems(rows(one), targets or TARGETS, one.platforms.accepts)


def test_what_runs_alike_everywhere_is_no_problem() -> None:
    assert said(view(app_migrate_commands=["flask db upgrade"], app_init_commands=["flask init"])) == []


def test_a_disk_that_does_not_last_holds_no_database() -> None:
    found = said(view(tasks=False, heroku_addons=[], elastic_beanstalk_database=""))
    assert found[0].startswith("database, heroku:") and "heroku-postgresql:essential-0" in found[0]
    assert (
        found[1].startswith("database, elastic_beanstalk:") and "elastic_beanstalk_database: db.t4g.micro" in found[1]
    )
    own = {"app_secrets": {"DATABASE_URL": "postgresql://x"}}
    assert said(view(tasks=False, heroku_addons=[], elastic_beanstalk_database="", **own)) == []


def test_what_is_run_once_needs_somebody_to_remember_it() -> None:
    one = view(tasks=False, heroku_addons=[], app_init_commands=["flask init"], platform_accepts=["database"])
    (problem,) = said(one)
    assert problem.startswith("app_init_commands, heroku: nothing there remembers")


def test_workers_without_a_broker() -> None:
    (problem,) = said(view(heroku_addons=["heroku-postgresql:essential-0"]))
    assert problem.startswith("broker, heroku: write heroku_addons: [cloudamqp:lemur]")


def test_beat_more_than_once_wants_a_database_that_says_whose_turn_it_is() -> None:
    several = {"celery_beat": True, "heroku_formation": {"beat": 2}, "elastic_beanstalk_instances": 2}
    assert said(view(**several)) == []
    found = said(
        view(**several, heroku_addons=["cloudamqp:lemur"], elastic_beanstalk_database="", platform_accepts=["database"])
    )
    assert [text.partition(":")[0] for text in found] == ["beat, heroku", "beat, elastic_beanstalk"]


def test_secret_files_never_stand_in_a_commit() -> None:
    one = view(
        app_files={"local.cfg": {"content": "x", "secret": True}, "open.cfg": "y"}, platform_accepts=["app_files"]
    )
    assert [text.partition(":")[0] for text in said(one)] == [
        "app_files local.cfg, heroku",
        "app_files local.cfg, elastic_beanstalk",
    ]


def test_what_is_accepted_is_no_problem_and_shown_without_a_mark() -> None:
    one = view(app_shared=["uploads", "cache"], platform_accepts=["app_shared.cache"])
    found = said(one, "heroku")
    assert len(found) == 1 and found[0].endswith("Or accept that: platform_accepts: [app_shared.uploads].")
    lines = table(rows(one), one.platforms.accepts).splitlines()
    (uploads,) = [line for line in lines if line.startswith("app_shared uploads")]
    (cache,) = [line for line in lines if line.startswith("app_shared cache")]
    assert uploads.count("!") == 2 and "!" not in cache


def test_what_a_platform_cannot_have_is_said_for_each() -> None:
    one = view(app_system_packages=["libxml2"], app_install_project=True, handlers="blog.live:handlers", python="3.9")
    names = [text.partition(":")[0] for text in said(one, "heroku")]
    assert names == [
        "WebSockets, heroku",
        "Python, heroku",
        "app_system_packages, heroku",
        "app_install_project, heroku",
    ]


def test_every_line_of_the_table_says_something_of_each_target() -> None:
    one = view(app_migrate_commands=["flask db upgrade"], app_static={"/static": "s"}, celery_beat=True)
    for row in rows(one):
        assert set(row.cells) == {"hosts", *TARGETS}, row
    assert "secret" not in table(rows(view(app_secrets={"SECRET_KEY": "secret"})), ())
