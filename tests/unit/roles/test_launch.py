# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The launcher with /etc/slipway in a temporary folder; what it would become is caught at its exec."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.roles.conftest import ROLES

PROGRAM = {
    "name": "web",
    "argv": ["/usr/bin/uwsgi", "--chdir={release}/source", "{release}/x"],
    "digest": "d1",
    "processes": 3,
    "port": 0,
}


class Became(Exception):
    """Where exec would not return."""


@pytest.fixture
def launch(
    program: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    module = program("supervisor/files/launch.py")
    load = module.load
    monkeypatch.setattr(module, "load", lambda path: load(path.replace("/etc/slipway", f"{tmp_path}/etc")))

    def become(*call: Any) -> None:
        raise Became(*call)

    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(os, "execvpe", become)
    monkeypatch.chdir(tmp_path)
    mask = os.umask(0o022)
    yield module
    os.umask(mask)


@pytest.fixture
def decision(launch: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a deploy says of slot 0."""
    standing_in = launch.standing_in
    monkeypatch.setattr(launch, "standing_in", lambda app, file: standing_in(app, file.replace("/run", str(tmp_path))))
    path = tmp_path / "slipway/blog/stand-in"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app with releases 1 and 2; activation 1 is current, 2 the candidate."""
    root = tmp_path / "srv"
    put(tmp_path / "etc/blog/app.json", {"name": "blog", "root": str(root), "user": "app-blog"})
    put(tmp_path / "etc/blog/programs/web.json", PROGRAM)
    for number in ("1", "2"):
        (root / f"releases/r{number}/source").mkdir(parents=True)
        put(root / f"releases/r{number}/release.json", {"release": f"r{number}", "commit": number * 40})
        put(root / f"activations/a{number}/environment.json", {"TOKEN": f"hunter{number}", "LANG": "de_DE.UTF-8"})
        (root / f"activations/a{number}/release").symlink_to(f"../../releases/r{number}")
    (root / "current").symlink_to("activations/a1")
    (root / "candidate").symlink_to("activations/a2")
    return root


def put(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def started(launch: ModuleType, *argv: str) -> tuple[Any, ...]:
    with pytest.raises(Became) as caught:
        launch.main(["launch.py", "blog", *argv])
    return caught.value.args


@pytest.mark.parametrize(("slot", "number"), [("1", "1"), ("2", "1"), ("trial", "2")])
def test_a_slot_becomes_the_server_of_its_activation(launch, root, slot, number):
    program, argv, environment = started(launch, "slot", "web", slot)
    release = f"{root}/releases/r{number}"
    assert program == "/usr/bin/uwsgi"
    assert argv == ["/usr/bin/uwsgi", f"--chdir={release}/source", f"{release}/x"]
    assert os.getcwd() == f"{release}/source"
    expected = {
        "SLIPWAY_APP": "blog",
        "SLIPWAY_RELEASE": f"r{number}",
        "SLIPWAY_COMMIT": number * 40,
        "SLIPWAY_SOURCE": f"{release}/source",
        "SLIPWAY_SHIM": f"{release}/slipway_wsgi.py",
        "SLIPWAY_SLOT": slot,
        "SLIPWAY_SLOT_SOCKET": f"/run/slipway/blog/slots/web-{slot}.sock",
        "SLIPWAY_GENERATION": f"a{number}/d1",
        "SLIPWAY_PROCESSES": "1" if slot == "trial" else "3",
        "VIRTUAL_ENV": f"{release}/venv",
        "HOME": f"{root}/home",
        "USER": "app-blog",
        "TOKEN": f"hunter{number}",
        "LANG": "de_DE.UTF-8",
    }
    assert expected.items() <= environment.items()
    assert environment["PATH"].startswith(f"{release}/venv/bin:")


def test_an_installed_project_brings_its_commands_and_its_code_is_the_releases(launch, root):
    assert started(launch, "exec", "a1", "x")[2]["PYTHONPATH"] == f"{root}/releases/r1/source"
    release = root / "releases/r1"
    (release / "project").mkdir()
    environment = started(launch, "exec", "a1", "x")[2]
    assert environment["PATH"].startswith(f"{release}/project/bin:{release}/venv/bin:")
    assert environment["PYTHONPATH"] == f"{release}/source:{release}/source/src:{release}/project"


@pytest.mark.parametrize(("slot", "number", "port"), [("1", "1", "8101"), ("2", "1", "8102"), ("trial", "2", "8100")])
def test_a_program_that_serves_by_itself_gets_its_command_and_a_port(launch, root, tmp_path, slot, number, port):
    put(
        tmp_path / "etc/blog/programs/web.json",
        {"name": "web", "argv": [], "digest": "d2", "processes": 1, "port": 8100},
    )
    put(root / f"activations/a{number}/activation.json", {"programs": {"web": "serve --port $PORT"}})
    program, argv, environment = started(launch, "slot", "web", slot)
    assert (program, argv) == ("sh", ["sh", "-c", "serve --port $PORT"])
    assert (environment["PORT"], environment["SLIPWAY_GENERATION"]) == (port, f"a{number}/d2")


def test_a_program_that_a_release_does_not_have_does_nothing(launch, root, tmp_path):
    put(
        tmp_path / "etc/blog/programs/mail.json",
        {"name": "mail", "argv": [], "digest": "d2", "processes": 1, "port": 0},
    )
    put(root / "activations/a1/activation.json", {})
    program, argv, environment = started(launch, "slot", "mail", "1")
    assert (program, argv) == ("sleep", ["sleep", "infinity"])
    assert "PORT" not in environment


def test_a_value_may_name_the_folder_of_the_release(launch, root):
    put(root / "activations/a1/environment.json", {"CONFIG": "${SLIPWAY_SOURCE}/local.cfg", "JSON": '{"a": "$HOME"}'})
    environment = started(launch, "exec", "a1", "x")[2]
    assert environment["CONFIG"] == f"{root}/releases/r1/source/local.cfg"
    assert environment["JSON"] == '{"a": "$HOME"}'


def test_a_server_keeps_its_release_when_current_moves_on(launch, root):
    _, argv, environment = started(launch, "slot", "web", "1")
    (root / "current").unlink()
    (root / "current").symlink_to("activations/a2")
    assert not [part for part in (*argv, *environment.values()) if "/current" in part]
    assert os.getcwd() == f"{root}/releases/r1/source"


def test_secrets_stand_in_the_environment_and_never_in_an_argument(launch, root):
    _, argv, environment = started(launch, "slot", "web", "1")
    assert environment["TOKEN"] == "hunter1"
    assert "hunter1" not in " ".join(argv)


def test_nothing_of_the_environment_of_whoever_starts_it_goes_through(launch, root, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "roots")
    assert "AWS_SECRET_ACCESS_KEY" not in started(launch, "slot", "web", "1")[2]


@pytest.mark.parametrize(("slot", "link"), [("0", None), ("1", "current"), ("trial", "candidate")])
def test_a_slot_with_nothing_to_serve_only_holds_the_socket(launch, root, slot, link):
    if link:
        (root / link).unlink()
    assert started(launch, "slot", "web", slot) == ("/usr/bin/sleep", ["sleep", "infinity"])


def test_a_command_runs_in_the_activation_that_is_asked_for(launch, root):
    program, argv, environment = started(launch, "exec", "a2", "sh", "-c", "flask db upgrade")
    assert (program, argv) == ("sh", ["sh", "-c", "flask db upgrade"])
    assert (environment["SLIPWAY_RELEASE"], environment["TOKEN"]) == ("r2", "hunter2")
    assert "SLIPWAY_GENERATION" not in environment
    assert os.getcwd() == f"{root}/releases/r2/source"


def test_a_committed_debug_mode_is_off_unless_the_environment_says_so(launch, root):
    assert started(launch, "slot", "web", "1")[2]["FLASK_DEBUG"] == "0"


def test_what_a_process_writes_others_cannot_read(launch, root):
    started(launch, "slot", "web", "1")
    assert os.umask(0o022) == 0o027


def test_slot_0_only_holds_the_socket(launch, root, decision):
    assert started(launch, "slot", "web", "0")[1] == ["sleep", "infinity"]
    # of a deploy that has ended, or was killed
    decision.write_text("a2", encoding="utf-8")
    assert started(launch, "slot", "web", "0")[1] == ["sleep", "infinity"]
    # locked by somebody who is no deploy
    for said in ("a2 admitted", ""):
        decision.write_text(said, encoding="utf-8")
        with decision.open(encoding="utf-8") as theirs:
            fcntl.flock(theirs, fcntl.LOCK_EX)
            assert started(launch, "slot", "web", "0")[1] == ["sleep", "infinity"]


def test_slot_0_loads_what_a_deploy_says_and_waits_for_its_decision(launch, root, decision):
    decision.write_text("a2", encoding="utf-8")
    with decision.open(encoding="utf-8") as deploy:
        fcntl.flock(deploy, fcntl.LOCK_EX)
        program, argv, environment = started(launch, "slot", "web", "0")
    release = f"{root}/releases/r2"
    expected = {
        "SLIPWAY_SLOT": "0",
        "SLIPWAY_SLOT_SOCKET": "/run/slipway/blog/slots/web-0.sock",
        "SLIPWAY_GENERATION": "a2/d1",
        "SLIPWAY_PROCESSES": "3",
        "SLIPWAY_SHIM": str(ROLES / "supervisor/files/stand_in.py"),
        "SLIPWAY_STANDS_FOR": f"{release}/slipway_wsgi.py",
        "SLIPWAY_STAND_IN": "/run/slipway/blog/stand-in",
    }
    assert (program, argv[1]) == ("/usr/bin/uwsgi", f"--chdir={release}/source")
    assert expected.items() <= environment.items()
