# SPDX-License-Identifier: GPL-3.0-or-later
"""`init`, run by name in a user's folder by Ansible itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.long

COLLECTIONS = Path(__file__).resolve().parents[4] / "build" / "collections"
FILES = ["ansible.cfg", "prod/group_vars/all.yml", "prod/hosts.yml", "requirements.yml", "site.yml"]
CODE = "from flask import Flask\nopen('/tmp/never-run', 'w')\napp = Flask(__name__)\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "my project"
    folder.mkdir()
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "Shop.git"
    folder.mkdir()
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    (folder / "wsgi.py").write_text(CODE)
    (folder / "requirements.txt").write_text("flask\n")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "First"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    (folder / "wsgi.py").write_text("uncommitted = 1\n")
    return folder


def init(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "slipway.flask.init", *arguments]
    environment = {
        **os.environ,
        "HOME": str(folder.parent / "home"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "1",
        "SLIPWAY_GATE_CACHE": str(folder.parent / "cache"),
    }
    environment.pop("ANSIBLE_CONFIG", None)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_writes_where_it_is_typed_what_the_commit_says(here: Path, source: Path) -> None:
    looked = init(here, "--check", "--diff", "-e", "source=../Shop.git")
    assert looked.returncode == 0 and written(here) == [], looked.stdout
    done = init(here, "-e", "source=../Shop.git", "-e", "host=anna@web1.example.org:2222")
    assert done.returncode == 0, done.stdout + done.stderr
    assert written(here) == FILES
    assert "Found app_wsgi: wsgi:app" in done.stdout and "wsgi.py:3" in done.stdout
    assert "no test was found" in done.stdout
    found = yaml.safe_load((here / "prod/group_vars/all.yml").read_text())
    assert found == {"app_name": "shop", "app_source": str(source), "app_wsgi": "wsgi:app"}
    hosts = yaml.safe_load((here / "prod/hosts.yml").read_text())
    assert hosts["nginx_uwsgi"]["hosts"] == {"web1.example.org": {"ansible_user": "anna", "ansible_port": 2222}}


def test_never_overwrites_and_names_what_is_there(here: Path) -> None:
    (here / "site.yml").write_text("mine")
    (here / "prod").mkdir()
    (here / "prod/hosts.yml").symlink_to("nowhere")
    done = init(here)
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    for name in ("site.yml exists in", "prod/hosts.yml exists in", "-e folder=NEW_FOLDER", "Nothing was written."):
        assert name in said, done.stdout
    assert "ansible.cfg exists" not in said
    assert written(here) == ["site.yml"] and (here / "site.yml").read_text() == "mine"


def test_without_a_source_a_template_in_the_folder_that_is_named(here: Path) -> None:
    done = init(here, "-e", "folder=new")
    assert done.returncode == 0, done.stdout
    assert written(here) == [f"new/{name}" for name in FILES]
    assert yaml.safe_load((here / "new/prod/group_vars/all.yml").read_text()) is None
    assert "write app_name and app_source" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-e", "source=nowhere"], "there is no such folder"),
        (["-e", "source=/"], "No name for the app can be made of /"),
        (["-e", "source=../Shop.git", "-e", "version=v9"], "has no such branch, tag or commit"),
        (["-e", "source=../Shop.git", "-e", "app=Not A Name", "-e", "host=a;b"], "2 things have to be put right"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(here: Path, source: Path, arguments: list[str], said: str) -> None:
    done = init(here, *arguments)
    assert done.returncode != 0 and said in " ".join(done.stdout.split()), done.stdout
    assert written(here) == []
