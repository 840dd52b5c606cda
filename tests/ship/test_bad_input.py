# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input gets a clear error before anything changes, and all of it at once."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.hosts import machine

from . import inside
from .commits import QUICK
from .ground import Ground
from .probe import ask
from .test_secrets import watching

ANNA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
MINUTES = 7
WRONG: Mapping[str, Any] = {
    "app_name": "My Blog",
    "app_secrets": {"SECRET_KEY": 5},
    "app_test": {"runer": "pytest"},
    "app_files": {"local.cfg": {"contnet": "x"}},
    "app_static": {"static": "x"},
    "app_helth_path": "/",
    "base_upgrade": "dist",
    "gate_signers": {"anna": ANNA},
}
SAID = (
    "10 things have to be put right first. Nothing was changed.",
    'app_name is "My Blog"',
    "app_secrets.SECRET_KEY is a number",
    "app_test has no key runer. Did you mean runner?",
    "app_files.local.cfg has no key contnet. Did you mean content?",
    'A name in app_static is "static"',
    "Did you mean app_health_path?",
    'base_upgrade is "dist": write none or full',
    "gate_signers does not have this controller's key",
    ": ssh-ed25519 AAAA",
    "is in the groups nginx_uwsgi and apache_uwsgi",
)
# What only git or a build finds out: what the inventory says besides -> what the run has to answer.
FOUND: dict[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "an unreachable repository": (
        {"app_source": "http://127.0.0.1:1/blog.git"},
        ("Cannot fetch app_source http://127.0.0.1:1/blog.git", "Failed to connect"),
    ),
    "an unknown version": ({"app_version": "mian"}, ("app_version is 'mian'", "no such branch, tag or commit", "main")),
    "an app_wsgi that does not import": (
        {"app_wsgi": "webap:create_app('webapp.config.ProdConfig')"},
        ("app_wsgi webap:create_app cannot be served", "No module named 'webap'"),
    ),
}
FOUND_TOO: dict[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "an app_wsgi without such a name": (
        {"app_wsgi": "webapp:creat_app('webapp.config.ProdConfig')"},
        ("app_wsgi webapp:creat_app cannot be served", "has no attribute 'creat_app'"),
    ),
    "an app_wsgi that cannot be called": (
        {"app_wsgi": "webapp:__doc__"},
        ("app_wsgi webapp:__doc__ cannot be served", "cannot be called"),
    ),
}


FETCHED = "until ls /opt/slipway/uv-*/uv 2> /dev/null; do sleep 0.2; done"
HOLDS = "my $held = IO::Socket::INET->new(LocalPort => 80, Listen => 1); sleep"


def nothing_changes(here: Ground, *said: str, arguments: tuple[str, ...] = ()) -> None:
    before = inside.state(here.host)
    here.play("deploy", *arguments).bad(*said)
    assert inside.difference(before, inside.state(here.host)) == []


def test_everything_wrong_in_an_inventory_is_told_together(here: Ground, tmp_path: Path) -> None:
    path = tmp_path / "hosts.yml"
    path.write_text(json.dumps({"apache_uwsgi": {"hosts": {here.host.name: {}}}}))
    here.describe(**QUICK | WRONG)
    nothing_changes(here, *SAID, arguments=("-i", str(path)))


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        *(pytest.param(*case, id=what) for what, case in FOUND.items()),
        *(pytest.param(*case, id=what, marks=pytest.mark.soak) for what, case in FOUND_TOO.items()),
    ],
)
def test_what_the_inventory_names_is_not_so(here: Ground, variables: Mapping[str, Any], said: tuple[str, ...]) -> None:
    here.describe(**QUICK | variables)
    nothing_changes(here, *said)


def test_a_host_without_python_is_judged_and_stays_as_it_is(ground: Callable[..., Ground]) -> None:
    bare = ground("bare", **QUICK)
    before = inside.state(bare.host)
    bare.play("deploy").bad("It is not set up for blog. Type: ansible-playbook slipway.flask.setup")
    looked = bare.play("site", "--check", "--diff").bad(
        "This host has no Python that runs", "Outside of check mode it is installed"
    )
    assert "run the tests of" in looked.output
    assert inside.difference(before, inside.state(bare.host)) == []
    proxy = "http://me:hidden@127.0.0.1:9"
    bare.describe(**QUICK, base_download_environment={"http_proxy": proxy, "https_proxy": proxy})
    assert "hidden" not in bare.play("site").bad("Could not connect to 127.0.0.1:9").output
    bare.describe(**QUICK, app_system_packages=["no-such-package"])
    bare.play("site").bad("Unable to locate package no-such-package", "Correct it in app_system_packages")
    assert inside.sh(bare.host, "ls /usr/bin/python3 /usr/sbin/policy-rc.d 2> /dev/null || true") == ""
    inside.sh(bare.host, f"systemd-run --quiet perl -MIO::Socket::INET -e '{HOLDS}'")
    inside.trust(bare.host)
    downloads = {
        **machine.inventory_variables().get("base_download_environment", {}),
        "UV_INDEX_OWN_PASSWORD": "hidden",
    }
    bare.describe(**QUICK, base_download_environment=downloads)
    with watching("hidden") as shown:
        bare.play("site").bad("Port 80 is held by perl")
        inside.sh(bare.host, f"timeout 60 sh -c '{FETCHED}'")  # though no step has asked for it
    assert shown == []
    there = inside.sh(bare.host, "dpkg-query -Wf '${Package}\n' python3 nginx-light supervisor 2> /dev/null || true")
    assert there == "python3"


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
