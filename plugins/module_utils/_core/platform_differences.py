# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each target gets from a description, and what it would lack: the rows of the table of parity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core import database, offers
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import BEAT, BROKER_VARIABLE, SETTINGS_VARIABLE
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import (
    BEANSTALK,
    BROKER,
    HEROKU,
    POSTGRESQL,
    TARGETS,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_heroku import PYTHONS
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_parity import OWN, Row, View
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_tree import processes
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import some


def rows(view: View) -> list[Row]:
    """The whole table."""
    return [row for part in PARTS for row in part(view)]


def has_database(view: View) -> dict[str, str]:
    """Target -> where the app's PostgreSQL is; "" for none."""
    said = database.VARIABLE in offers.said(view.app)
    own = view.groups.get(database.GROUP, ())
    stated = "DATABASE_URL, as said"
    return {
        OWN: stated if said else f"PostgreSQL on {own[0]}" if own else "SQLite, in app_shared",
        HEROKU: stated if said else POSTGRESQL if view.platforms.heroku.has(POSTGRESQL) else "",
        BEANSTALK: "RDS, or as said" if view.platforms.beanstalk.database else stated if said else "",
    }


def _processes(view: View) -> Iterator[Row]:
    names = ", ".join(processes(view.app, view.celery))
    yield Row("process types", dict.fromkeys((OWN, *TARGETS), names))
    if view.handlers:
        lacks = dict.fromkeys(
            TARGETS, "uWSGI serves there, and no handlers of Tornado. Say who serves: app_programs.web."
        )
        yield Row("WebSockets", {OWN: view.handlers}, lacks, "tornado_handlers")


def _names(view: View) -> Iterator[Row]:
    said = {*view.app.environment, *view.app.secrets}
    told = {database.VARIABLE} | ({BROKER_VARIABLE, SETTINGS_VARIABLE} if view.celery else set())
    yield Row("environment", dict.fromkeys((OWN, *TARGETS), some(sorted(said | told))))


def _database(view: View) -> Iterator[Row]:
    found = has_database(view)
    advice = {
        HEROKU: f"write heroku_addons: [{POSTGRESQL}:essential-0], or DATABASE_URL into app_secrets.",
        BEANSTALK: "write elastic_beanstalk_database: db.t4g.micro, or elastic_beanstalk_database_url.",
    }
    why = "its disk does not last, and what SQLite writes there is gone with the next release:"
    lacks = {target: f"{why} {advice[target]}" for target in TARGETS if not found[target]}
    yield Row("database", found, lacks, "database")
    if view.app.init_commands and lacks:
        again = dict.fromkeys(lacks, "nothing there remembers that they were run: they need a database.")
        yield Row("app_init_commands", {OWN: "once"}, again, "app_init_commands")


def _broker(view: View) -> Iterator[Row]:
    if not view.celery:
        return
    said = BROKER_VARIABLE in offers.said(view.app)
    heroku = "CELERY_BROKER_URL, as said" if said else BROKER if view.platforms.heroku.has(BROKER) else ""
    lacks = {} if heroku else {HEROKU: f"write heroku_addons: [{BROKER}:lemur], or CELERY_BROKER_URL into app_secrets."}
    yield Row("broker", {OWN: "RabbitMQ", HEROKU: heroku, BEANSTALK: "SQS" if not said else "as said"}, lacks)
    if view.celery.beat:
        yield _beat(view, has_database(view))


def _beat(view: View, found: Mapping[str, str]) -> Row:
    several = {
        HEROKU: view.platforms.heroku.formation.get(BEAT) is not None
        and view.platforms.heroku.formation[BEAT].quantity > 1,
        BEANSTALK: view.platforms.beanstalk.instances > 1,
    }
    lacks = {
        target: "more than one would send each tick, and no database says whose turn it is: give the app a PostgreSQL."
        for target in TARGETS
        if several[target] and not found[target]
    }
    once = {target: "one at a time (lock in the database)" if found[target] else "one" for target in TARGETS}
    return Row("beat", {OWN: "one at a time", **once}, lacks)


def _migrations(view: View) -> Iterator[Row]:
    if view.app.migrate_commands:
        # a platform runs them when somebody goes back as well: migrate.py leaves a schema that it does not know
        cells = {OWN: "before the trial, by one host", HEROKU: "release phase", BEANSTALK: "leader only"}
        yield Row("migrations", {name: f"{when}; not when going back" for name, when in cells.items()})


def _site(view: View) -> Iterator[Row]:
    path = view.app.health_path
    yield Row("health path", {OWN: path, HEROKU: f"{path}, by the role", BEANSTALK: f"{path}, by AWS and the role"})
    if view.app.static:
        yield Row("static files", {OWN: "past the app", HEROKU: "by uWSGI", BEANSTALK: "by its nginx"})


def _python(view: View) -> Iterator[Row]:
    lacks = {} if view.python in PYTHONS else {HEROKU: f"it has {', '.join(PYTHONS)}: write app_python."}
    yield Row("Python", {OWN: view.app.python or "the hosts' own", HEROKU: view.python, BEANSTALK: view.python}, lacks)
    yield Row("requirements", dict.fromkeys((OWN, *TARGETS), "a lock with hashes, tested"))


def _disk(view: View) -> Iterator[Row]:
    """What is written there is gone with the next release, or restart."""
    for path in view.app.shared:
        lacks = dict.fromkeys(TARGETS, "its disk does not last. Keep that in the database, or at S3.")
        yield Row(f"app_shared {path}", {OWN: "outlives releases"}, lacks, f"app_shared.{path}")
    for file in view.app.files:
        lacks = dict.fromkeys(TARGETS, "it would stand in a commit. Read it from the environment: app_secrets.")
        if file.secret:
            yield Row(f"app_files {file.path}", {OWN: "for the app alone"}, lacks)


def _packages(view: View) -> Iterator[Row]:
    if packages := view.app.system_packages:
        lacks = dict.fromkeys(TARGETS, "it installs no packages of Debian's. Take wheels that bring their libraries.")
        yield Row("app_system_packages", {OWN: some(packages)}, lacks, "app_system_packages")
    if view.app.install_project:
        lacks = dict.fromkeys(TARGETS, "the project is imported from its source there, and its commands are missing.")
        yield Row("app_install_project", {OWN: "installed"}, lacks, "app_install_project")


PARTS: tuple[Callable[[View], Iterator[Row]], ...] = (
    _processes,
    _names,
    _database,
    _broker,
    _migrations,
    _site,
    _python,
    _disk,
    _packages,
)
