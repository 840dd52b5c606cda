# SPDX-License-Identifier: GPL-3.0-or-later
"""The blog where somebody else's platform runs it: an inventory without hosts, and people who comment there."""

from __future__ import annotations

import hashlib
import json
import secrets
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from .commits import QUICK, good_migration
from .ground import DEMO, LOGS
from .harm import until
from .play import LIMIT, Playing, Run
from .probe import PATIENCE, ask
from .project import ROOT, Edit, Project

# what both stand-ins run
PYTHON = "3.13"
SCHEMA = "select version_num from alembic_version"
COLLECTIONS = ROOT / "build" / "collections"


class Lodger(ABC):
    """Files are below `folder`. No run may say what is `hidden`."""

    def __init__(self, folder: Path, name: str, environment: Mapping[str, str], **variables: Any) -> None:
        folder.mkdir(mode=0o711)
        self.folder, self.name, self.usual = folder, name, variables
        self.project = Project(folder / "project")
        self.secret = f"canary-{secrets.token_urlsafe(24)}"
        self.hidden = {self.secret}
        self._environment = environment
        self._runs = 0

    def play(self, *arguments: str, limit: float = LIMIT, **variables: Any) -> Run:
        """A run of the playbook of this platform; `variables` are the inventory's, for this once."""
        return self.start(*arguments, **variables).wait(limit)

    def start(self, *arguments: str, collections: Path = COLLECTIONS, **variables: Any) -> Playing:
        inventory = self.folder / "inventory"
        (inventory / "group_vars").mkdir(parents=True, exist_ok=True)
        (inventory / "hosts.yml").write_text("all: {}\n")
        described = {
            **yaml.safe_load(DEMO.read_text()),
            **QUICK,
            "app_source": str(self.project.folder),
            "app_python": PYTHON,
            "app_secrets": {"SECRET_KEY": self.secret},
            "gate_key_file": str(self.folder / "gate_key"),
            "platform_celery": True,
            **self.usual,
            **variables,
        }
        (inventory / "group_vars" / "all.yml").write_text(json.dumps(described))
        self._runs += 1
        log = LOGS / self.name / f"{self._runs:03}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.with_suffix(".json").unlink(missing_ok=True)
        own = {
            "SLIPWAY_GATE_CACHE": str(self.folder / "cache"),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_NOCOLOR": "1",
        }
        argv = ["ansible-playbook", f"slipway.flask.{self.name}", "-i", str(inventory), *arguments]
        return Playing(argv, {**own, **self._environment}, log)

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the platform serves it."""

    @abstractmethod
    def sql(self, query: str) -> str:
        """What its database there answers."""

    def there_and_back(self, **back: Any) -> None:
        """A commit with a migration goes live, back by the variables `back`, and live again."""
        first = self.project.head
        second = self.project.commit("A mood for each post", good_migration(self.project))
        self.play().good()
        assert live(self.url) == second
        schema = self.sql(SCHEMA)
        assert self.play(**back).good().changed
        assert live(self.url) == first
        # the older release does not know the schema, and leaves it as it is
        assert self.sql(SCHEMA) == schema
        comment(self.url, self.sql)
        self.play().good()
        assert live(self.url) == second
        self.project.settle()

    def stays_when(self, why: str, edits: Mapping[str, Edit], *said: str) -> None:
        """A commit that is well here and not there fails in these words, and what was live serves on."""
        before = live(self.url)
        self.project.commit(why, edits)
        self.play().bad(*said)
        until(lambda: live(self.url) == before, "the release before to serve")
        comment(self.url, self.sql)

    @property
    def tree(self) -> Path:
        """What was made for the platform."""
        return self.folder / "cache" / "blog" / "platforms" / self.name

    def silent(self, run: Run) -> Run:
        """This run, when it said no secret."""
        said = [secret for secret in self.hidden if secret in run.output]
        assert not said, f"{run.log} holds secrets"
        return run


def room(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that every account can reach through: the gate tests in it, as another user."""
    folder = factory.mktemp(name)
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o711)
    return folder / "blog"


def live(url: str) -> str:
    """The commit that the site says it runs."""
    return str(json.loads(ask(f"{url.rstrip('/')}/version"))["commit"])


def comment(url: str, sql: Callable[[str], str]) -> None:
    """Somebody comments on a post of somebody else, and a worker tells its author, through queue and database."""
    token, said = f"blog_{secrets.token_urlsafe(32)}", secrets.token_hex(8)
    digest = hashlib.sha256(token.encode()).hexdigest()
    post, author = sql("select id, author_id from posts order by id limit 1").split("|")
    sql(
        "insert into api_tokens (name, digest, created_at, user_id)"
        f" select '{said}', '{digest}', now(), id from users where id <> {author} limit 1"
    )
    asked = urllib.request.Request(
        f"{url.rstrip('/')}/api/posts/{post}/comments",
        json.dumps({"body": said}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        assert answer.status == 201
    told = f"select count(*) from comments where body = '{said}' and notified_at is not null"
    until(lambda: sql(told) == "1", "the author of a post to be told of a comment", 90)
