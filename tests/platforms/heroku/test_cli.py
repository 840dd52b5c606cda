# SPDX-License-Identifier: GPL-3.0-or-later
"""Heroku's own command line judges the stand-in: it reads back what was made, and deploys by a real `git push heroku`.

Not a part of any other run, for it installs 400 MB from npm into build/ (needs Node 20 or newer). Call it by its path:
pytest tests/platforms/heroku/test_cli.py
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest

from tests.ship.lodger import room
from tests.ship.test_heroku import APP as BLOG
from tests.ship.test_heroku import Blog

from . import Platform, platform

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / "build" / "heroku-cli"
VERSION = "11.10.0"
NAME = "slipway-cli"
APP = """import os
from wsgiref.simple_server import make_server


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"pushed by hand, {os.environ['GREETING']}".encode()]


make_server("0.0.0.0", int(os.environ["PORT"]), app).serve_forever()
"""
FILES = {
    "app.py": APP,
    "requirements.txt": "",
    ".python-version": "3.13\n",
    "Procfile": "release: echo migrating\nweb: python app.py\nclock: sleep 1000\n",
}

# of the packages that `heroku` brings, the one that knows what an app.json may say
SCHEMA = "node_modules/@heroku/mcp-server/dist/utils/app-json.schema.json"

Type = Callable[..., str]


@pytest.fixture(scope="module")
def cli() -> Path:
    program = TOOLS / "node_modules/.bin/heroku"
    if not program.exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        (TOOLS / "package.json").write_text("{}")
        install = ["npm", "install", f"heroku@{VERSION}", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(install, cwd=TOOLS, check=True)
    return program


@pytest.fixture(scope="module")
def heroku() -> Iterator[Platform]:
    with platform("cli") as here:
        yield here


@pytest.fixture
def type_in(cli: Path, heroku: Platform, tmp_path: Path) -> Type:
    """Type a command as somebody who is logged in; what it prints."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "HOME": str(home), "HEROKU_HOST": heroku.api_url, "HEROKU_API_KEY": heroku.key, "GIT_TERMINAL_PROMPT": "0",
        "DISABLE_TELEMETRY": "true", "HEROKU_DISABLE_AUTOUPDATE": "1", "COLUMNS": "200",
    }  # fmt: skip
    # the command line writes addresses with https whatever it was told, and gives git its key through a helper
    safe = heroku.api_url.replace("http:", "https:")
    helper = '!f() { test "$1" = get && echo username=heroku && echo password=$HEROKU_API_KEY; }; f'
    (home / ".gitconfig").write_text(
        f'[user]\n\tname = A Developer\n\temail = developer@example.org\n[url "{heroku.api_url}/"]\n'
        f'\tinsteadOf = {safe}/\n[credential "{heroku.api_url}"]\n\thelper = {json.dumps(helper)}\n'
    )

    def run(*words: str, cwd: Path = home) -> str:
        argv = [str(cli), *words[1:]] if words[0] == "heroku" else list(words)
        done = subprocess.run(argv, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    return run


def test_an_app_from_its_creation_to_its_end(type_in: Type, heroku: Platform, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name, text in FILES.items():
        (project / name).write_text(text)
    type_in("git", "init", "--quiet", "--initial-branch=main", cwd=project)
    type_in("git", "add", "--all", cwd=project)
    type_in("git", "commit", "--quiet", "--message=First", cwd=project)

    made = type_in("heroku", "apps:create", NAME, "--stack", "heroku-24", cwd=project)
    assert NAME in made
    assert "essential-0" in type_in("heroku", "addons:create", "heroku-postgresql:essential-0", "-a", NAME, "--wait")
    assert "GREETING" in type_in("heroku", "config:set", "GREETING=hello", "-a", NAME)
    config = json.loads(type_in("heroku", "config", "--json", "-a", NAME))
    assert config["GREETING"] == "hello" and config["DATABASE_URL"].startswith("postgres://")

    pushed = type_in("git", "push", "heroku", "main", cwd=project)
    assert "Python app detected" in pushed and "migrating" in pushed
    with urllib.request.urlopen(heroku.call("GET", f"/apps/{NAME}")["web_url"], timeout=30) as answer:
        assert answer.read() == b"pushed by hand, hello"

    type_in("heroku", "ps:scale", "web=2", "clock=1", "-a", NAME)
    ps = type_in("heroku", "ps", "-a", NAME)
    assert ("web.2" in ps and "clock.1: up" in ps.replace("\n", " ")) or "clock.1" in ps
    info = type_in("heroku", "apps:info", "-a", NAME)
    assert "heroku-24" in info and "heroku-postgresql:essential-0" in info
    releases = type_in("heroku", "releases", "-a", NAME)
    assert "Deploy" in releases and "Set GREETING config vars" in releases
    shown = json.loads(type_in("heroku", "releases", "--json", "-a", NAME))
    assert shown[0]["current"] and shown[0]["status"] == "succeeded"
    assert "migrating" in type_in("heroku", "releases:output", "-a", NAME)
    assert "State changed from starting to up" in type_in("heroku", "logs", "-a", NAME)

    type_in("heroku", "config:set", "GREETING=salut", "-a", NAME)
    version = shown[0]["version"]
    assert f"v{version + 2}" in type_in("heroku", "releases:rollback", f"v{version}", "-a", NAME)
    assert type_in("heroku", "config:get", "GREETING", "-a", NAME).strip() == "hello"
    type_in("heroku", "apps:destroy", "-a", NAME, "--confirm", NAME)
    assert NAME not in type_in("heroku", "apps")


def test_what_the_role_did_is_read_back(
    type_in: Type, heroku: Platform, tmp_path_factory: pytest.TempPathFactory
) -> None:
    blog = Blog(room(tmp_path_factory, "role"), heroku)
    blog.play().good()
    info = type_in("heroku", "apps:info", "-a", BLOG)
    assert "heroku-postgresql:essential-0" in info and "cloudamqp:lemur" in info
    assert json.loads(type_in("heroku", "config", "--json", "-a", BLOG))["SECRET_KEY"] == blog.secret
    ps = type_in("heroku", "ps", "-a", BLOG)
    assert "web.1" in ps and "celery.1" in ps
    assert "Deploy" in type_in("heroku", "releases", "-a", BLOG)
    # what the role has pushed, a person would push likewise
    assert "Everything up-to-date" in type_in("git", "push", heroku.git_url(BLOG), "main", cwd=blog.tree)
    schema = json.loads((TOOLS / SCHEMA).read_text())
    jsonschema.validate(json.loads((blog.tree / "app.json").read_text()), schema)
