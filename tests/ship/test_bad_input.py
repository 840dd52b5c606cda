# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input gets a clear error before anything changes, and all of it at once."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from . import inside
from .commits import QUICK
from .ground import Ground
from .probe import ask

ANNA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
MINUTES = 7
# What the inventory says besides -> what the run has to answer.
SAYS: dict[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "a malformed name": ({"app_name": "My Blog"}, ("app_name", "My Blog")),
    "an unreachable repository": (
        {"app_source": "http://127.0.0.1:1/blog.git"},
        ("Cannot fetch app_source http://127.0.0.1:1/blog.git", "Failed to connect"),
    ),
    "an unknown version": ({"app_version": "mian"}, ("app_version is 'mian'", "no such branch, tag or commit", "main")),
    "an app_wsgi that does not import": (
        {"app_wsgi": "webap:create_app('webapp.config.ProdConfig')"},
        ("app_wsgi webap:create_app cannot be served", "No module named 'webap'"),
    ),
    "an app_wsgi without such a name": (
        {"app_wsgi": "webapp:creat_app('webapp.config.ProdConfig')"},
        ("app_wsgi webapp:creat_app cannot be served", "has no attribute 'creat_app'"),
    ),
    "an app_wsgi that cannot be called": (
        {"app_wsgi": "webapp:__doc__"},
        ("app_wsgi webapp:__doc__ cannot be served", "cannot be called"),
    ),
    "a secret that is no string": ({"app_secrets": {"SECRET_KEY": 5}}, ("app_secrets", "SECRET_KEY")),
    "a misspelt key of a test plan": ({"app_test": {"runer": "pytest"}}, ("app_test", "runer", "runner")),
    "a misspelt key of a file": (
        {"app_files": {"local.cfg": {"contnet": "x"}}},
        ("app_files", "local.cfg", "contnet", "content"),
    ),
    "a name that is nearly one": ({"app_helth_path": "/"}, ("app_helth_path", "Did you mean app_health_path?")),
    "a controller whose key is not known": (
        {"gate_signers": {"anna": ANNA}},
        ("gate_signers does not have this controller's key", ": ssh-ed25519 AAAA"),
    ),
    "two things at once": (
        {"app_name": "My Blog", "app_static": {"static": "x"}},
        ("app_name", "app_static", "2 things"),
    ),
}


def nothing_changes(here: Ground, *said: str, arguments: tuple[str, ...] = ()) -> None:
    before = inside.state(here.host)
    here.play("deploy", *arguments).bad(*said)
    assert inside.difference(before, inside.state(here.host)) == []


@pytest.mark.parametrize("what", SAYS)
def test_inventory(here: Ground, what: str) -> None:
    variables, said = SAYS[what]
    here.describe(**{**QUICK, **variables})
    nothing_changes(here, *said)


def test_host_in_two_stacks(here: Ground, tmp_path: Path) -> None:
    path = tmp_path / "hosts.yml"
    path.write_text(json.dumps({"apache_uwsgi": {"hosts": {here.host.name: {}}}}))
    nothing_changes(here, here.host.name, "nginx_uwsgi", "apache_uwsgi", arguments=("-i", str(path)))


def test_no_requirements(here: Ground) -> None:
    here.project.commit("Requirements were in the way", {"requirements.txt": None, "requirements.in": None})
    nothing_changes(here, "requirements.txt", "app_requirements")


@pytest.fixture
def closed_server() -> Iterator[str]:
    """The address of a server that wants to know who asks."""

    class Closed(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Closed) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_unauthorised_repository(here: Ground, closed_server: str) -> None:
    here.describe(**QUICK, app_source=f"{closed_server}/blog.git")
    nothing_changes(here, f"Cannot fetch app_source {closed_server}/blog.git", "It wants credentials")


def test_dirty_work_tree_ships_the_commit_and_names_what_is_not_in_it(here: Ground) -> None:
    new = here.project.new_page("All of it is committed")
    here.project.write({"webapp/static/style.css": lambda old: f"{old}/* not yet */\n", "notes.txt": "Later."})
    run = here.play("deploy").good()
    assert f"ships commit {new[:10]}; not included:" in run.output
    assert "webapp/static/style.css" in run.output and "notes.txt" in run.output
    assert here.live() == new
    assert "not yet" not in ask(f"{here.url}/static/style.css")


def test_lock_of_somebody_else(here: Ground) -> None:
    live, now = here.live(), time.time()
    lock = {"token": "theirs", "by": "anna@laptop", "controller": "laptop", "pid": 4711, "act": "deploy"}
    lock |= {"since": now - MINUTES * 60, "renewed": now - 60}
    file = "/var/lib/slipway/blog/lock.json"
    inside.sh(here.host, f"umask 077; cat >{file} <<'END'\n{json.dumps(lock)}\nEND")
    here.project.new_page("Anna is at it already")
    nothing_changes(here, "anna@laptop (process 4711, deploy)", f"for {MINUTES} min", "slipway.flask.unlock")
    assert here.live() == live
    shown = here.play("unlock", extra={"unlock": "no"}).good()
    assert "Held by anna@laptop, process 4711 on laptop, for deploy." in shown.output
    assert inside.lock(here.host)
    here.play("unlock", extra={"unlock": "yes"}).good()
    assert not inside.lock(here.host)
