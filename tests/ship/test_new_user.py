# SPDX-License-Identifier: GPL-3.0-or-later
"""From an empty folder to a site that is up, word for word as docs/first-deploy.md says; then the other pages."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests import documents
from tests.hosts import machine

from . import inside
from .authority import DIRECTORY, Authority
from .ground import Ground
from .newcomer import Newcomer, fingerprint
from .project import ROOT, Project
from .visitor import Visitor

NAME = "blog.example.org"
AUTHORITY = {"site_acme_directory": DIRECTORY, "site_acme_proxied": True}
COLLECTIONS = ".ansible/collections/ansible_collections"
INSTALLED = f"{COLLECTIONS}/slipway/flask"
OTHERS = ROOT / "build/collections/ansible_collections/community"
FIRST = ROOT / "docs" / "first-deploy.md"
# Commands that are run elsewhere: where.
ELSEWHERE = {
    "make demo": "ship/test_demo.py",
    "make demo-down": "ship/test_demo.py",
    "make test": "../.ci/run",
    "ansible-playbook slipway.flask.site -i prod -e app_state=absent": "ship/test_neighbour.py",
    "ansible-playbook slipway.flask.site -i prod -e app_state=absent -e app_delete_data=shop": "ship/test_neighbour.py",
    "ansible-playbook slipway.flask.backup -i prod": "ship/test_backup.py",
    "ansible-playbook slipway.flask.backup -i prod -e backup_drill=true": "ship/test_backup.py",
    "ansible-playbook slipway.flask.restore -i prod": "ship/test_backup.py",
    "ansible-playbook slipway.flask.heroku -i prod": "ship/test_heroku.py",
    "ansible-playbook slipway.flask.elastic_beanstalk -i prod": "ship/test_beanstalk.py",
    'ansible-playbook slipway.flask.run -i prod -e command="python -q" -e run_terminal=true': "ship/test_operations.py",
}


@dataclass(frozen=True)
class Arrived:
    """Somebody who has followed the first page, and the files of the collection before he did anything with it."""

    user: Newcomer
    visitor: Visitor
    project: Project
    installed: dict[str, str]


@pytest.fixture(scope="module")
def arrived(ground: Callable[..., Ground], workshop: Path) -> Iterator[Arrived]:
    """Every command of docs/first-deploy.md, in order, in one shell; only the names of things are this machine's."""
    # the blog as it is in git: commits of other tests are good for their own app_test only
    here = ground("newcomer", project=Project(workshop / "newcomer-project"))
    home = here.folder / "home"
    home.mkdir(mode=0o711)
    user = Newcomer(home, here.host)
    names = {
        "pip install ansible-core": f"pip install --quiet ansible-core=={importlib.metadata.version('ansible-core')}",
        "https://git.example.org/my-blog.git": f"file://{here.project.folder}",
        "root@web1.example.org": f"root@127.0.0.1:{here.host.ssh_port}",
    }
    authority = Authority(here.host, NAME)
    visitor = Visitor(here.host, NAME, authority.root())
    try:
        installed: dict[str, str] = {}
        for command in documents.commands(FIRST):
            if command.startswith("ansible-galaxy"):
                user.sees(f"ansible-galaxy collection build {ROOT} --output-path ~")  # what somebody else has made
                user.sees(f"mkdir -p ~/{COLLECTIONS} && cp -r {OTHERS} ~/{COLLECTIONS}")  # what Galaxy would bring
            if "site.yml" in command:
                installed = fingerprint(home / INSTALLED)
                the_machines_needs(home / "my-blog" / "prod")
            for shown, real in names.items():
                command = command.replace(shown, real)
            user.types(command)
        yield Arrived(user, visitor, here.project, installed)
    finally:
        user.leaves()


def the_machines_needs(inventory: Path) -> None:
    """Certificates and index of this machine's network, and an authority on it: on the internet no line is needed."""
    with (inventory / "group_vars/all.yml").open("a") as stream:
        stream.write(yaml.safe_dump(machine.inventory_variables() | AUTHORITY))


def test_site_is_up_over_tls(arrived: Arrived, capsys: pytest.CaptureFixture[str]) -> None:
    assert "<html" in arrived.visitor.ask("/")
    assert json.loads(arrived.visitor.ask("/healthz"))["status"] == "ok"
    assert inside.well(arrived.user.host) == []
    assert list((arrived.user.home / "cache").glob(".tools/uv-*/uv")), "somebody else's uv was used"
    with capsys.disabled():
        print(arrived.user.account)


def test_documented_commands(arrived: Arrived) -> None:
    """What the other pages say, each once, on a host that has had two releases; the old one before the new is live."""
    user, project = arrived.user, arrived.project
    project.new_page("The next commit")
    typed = {*documents.commands(FIRST), *ELSEWHERE}
    names = dict.fromkeys(name for page in documents.PAGES for name in documents.commands(page))
    user.types("ansible-playbook slipway.flask.deploy -i prod")
    assert json.loads(arrived.visitor.ask("/version"))["commit"] == project.head
    for command in (name for name in names if name not in typed):
        user.types(command)


def test_installed_collection_has_not_changed(arrived: Arrived) -> None:
    assert fingerprint(arrived.user.home / INSTALLED) == arrived.installed
    arrived.user.sees(f"find ~/{INSTALLED} -depth -name __pycache__ -exec rm -r {{}} ';'")  # Galaxy counts them
    arrived.user.sees("ansible-galaxy collection verify --offline slipway.flask")
