# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform knows: accounts, apps and all that hangs on them. One lock guards it."""

from __future__ import annotations

import datetime
import json
import os
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .logs import Log

if TYPE_CHECKING:
    from .dynos import Dyno
    from .router import Router

HOME = Path("/srv/heroku")
STACKS = {"heroku-22": "deprecated", "heroku-24": "public", "heroku-26": "public"}
DEFAULT_STACK = "heroku-24"
REGIONS = {"us": "United States", "eu": "Europe"}
SIZES = ("eco", "Basic", "Standard-1X", "Standard-2X", "Performance-M")
PLANS = {
    "heroku-postgresql": ("essential-0", "essential-1", "standard-0"),
    "cloudamqp": ("lemur", "lemming", "tiger"),
}
LOCK = threading.RLock()


class Fault(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, id: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"id": id, "message": message, **more}
        self.headers: dict[str, str] = {}


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017 - as Heroku writes it


def fresh() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Account:
    email: str
    key: str = field(repr=False)
    id: str = field(default_factory=fresh)


@dataclass(frozen=True)
class Slug:
    commit: str
    subject: str
    types: dict[str, str]
    folder: Path
    venv: Path
    stack: str
    size: int
    id: str = field(default_factory=fresh)
    created: str = field(default_factory=now)


@dataclass
class Addon:
    service: str
    plan: str
    name: str
    names: tuple[str, ...]
    """Config vars that it owns."""
    place: str
    state: str = "provisioning"
    id: str = field(default_factory=fresh)
    created: str = field(default_factory=now)


@dataclass
class Release:
    version: int
    description: str
    slug: Slug | None
    config: dict[str, str]
    user: Account
    status: str = "pending"
    output: str = ""
    has_phase: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    id: str = field(default_factory=fresh)
    created: str = field(default_factory=now)


@dataclass
class Kind:
    """A process type of the formation."""

    quantity: int
    size: str = "Basic"
    id: str = field(default_factory=fresh)
    created: str = field(default_factory=now)


@dataclass
class App:
    name: str
    owner: Account
    team: str
    region: str
    stack: str
    port: int
    id: str = field(default_factory=fresh)
    created: str = field(default_factory=now)
    maintenance: bool = False
    built_stack: str = ""
    config: dict[str, str] = field(default_factory=dict)
    addons: list[Addon] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    formation: dict[str, Kind] = field(default_factory=dict)
    dynos: list[Dyno] = field(default_factory=list)
    log: Log = field(default_factory=Log)
    gone: bool = False
    router: Router | None = None
    phase: threading.Lock = field(default_factory=threading.Lock)

    @property
    def current(self) -> Release:
        return next(release for release in reversed(self.releases) if release.status == "succeeded")

    @property
    def owned(self) -> set[str]:
        """Config vars that belong to an add-on."""
        return {name for addon in self.addons for name in addon.names}

    @property
    def slugs(self) -> dict[str, Slug]:
        return {release.slug.id: release.slug for release in self.releases if release.slug}


class World:
    def __init__(self) -> None:
        self.port = int(os.environ["STANDIN_PORT"])
        self.public: dict[int, int] = {int(k): v for k, v in json.loads(os.environ["STANDIN_PORTS"]).items()}
        self.accounts = [Account("you@example.org", os.environ["STANDIN_KEY"])]
        self.accounts.append(Account("stranger@example.org", os.environ["STANDIN_OTHER_KEY"]))
        self.teams = {"slipway-team": self.accounts[0]}
        self.apps: dict[str, App] = {}
        self.busy, self.retry_after = 0, 1
        """How many requests are still told that there were too many; for how long they are told to wait."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.public[self.port]}"

    def web_url(self, app: App) -> str:
        return f"http://127.0.0.1:{self.public[app.port]}/"

    def account(self, key: str) -> Account:
        for account in self.accounts:
            if account.key == key:
                return account
        raise Fault(401, "unauthorized", "Invalid credentials provided.")

    def app(self, name: str, user: Account) -> App:
        found = next((app for app in self.apps.values() if name in (app.name, app.id)), None)
        if not found:
            raise Fault(404, "not_found", "Couldn't find that app.", resource="app")
        if found.owner != user:
            raise Fault(403, "forbidden", f"You do not have access to the app {name}.")
        return found

    def free_port(self) -> int:
        taken = {app.port for app in self.apps.values()} | {self.port}
        free = [port for port in sorted(self.public) if port not in taken]
        if not free:
            raise Fault(503, "no_port", "The stand-in has no port for another app.")
        return free[0]
