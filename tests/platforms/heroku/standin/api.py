# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform's API: a row for each address that somebody asks."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import addons, dynos, releases, views
from .router import Router
from .world import DEFAULT_STACK, HOME, PLANS, REGIONS, SIZES, STACKS, Account, App, Fault, World

NAME, VARIABLE = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]"), re.compile(r"[A-Za-z0-9_]+")
HOOK = "#!/bin/sh\nexec /usr/bin/python3 /opt/standin/standin/hook.py\n"


@dataclass(frozen=True)
class Asked:
    world: World
    user: Account
    parts: tuple[str, ...]
    body: dict[str, Any] = field(default_factory=dict)
    range: str = ""

    @property
    def app(self) -> App:
        return self.world.app(self.parts[0], self.user)


Answer = Callable[[Asked], Any]
ROUTES: list[tuple[str, re.Pattern[str], Answer]] = []


def at(method: str, path: str) -> Callable[[Answer], Answer]:
    def keep(function: Answer) -> Answer:
        ROUTES.append((method, re.compile(path.replace("*", "([^/]+)")), function))
        return function

    return keep


def answer(method: str, path: str, asked: Callable[[tuple[str, ...]], Asked]) -> Any:
    for wanted, pattern, function in ROUTES:
        found = pattern.fullmatch(path)
        if wanted == method and found:
            return function(asked(found.groups()))
    raise Fault(404, "not_found", "The requested API endpoint was not found. Are you using the right HTTP verb?")


def named(value: Any, known: Any, what: str) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    if name not in known:
        raise Fault(404, "not_found", f"Couldn't find that {what}.", resource=what)
    return str(name)


@at("GET", "/account")
def account(asked: Asked) -> Any:
    return views.account(asked.user)


@at("GET", "/stacks")
def stacks(_asked: Asked) -> Any:
    return [views.stack(name) for name in STACKS]


@at("GET", "/regions")
def regions(_asked: Asked) -> Any:
    return [views.region(name) for name in REGIONS]


@at("GET", "/dyno-sizes")
def sizes(_asked: Asked) -> Any:
    return [views.size(name) for name in SIZES]


@at("GET", "/teams/*")
def team(asked: Asked) -> Any:
    if asked.world.teams.get(asked.parts[0]) != asked.user:
        raise Fault(403, "forbidden", f"You do not have access to the team {asked.parts[0]}.")
    return {**views.identity(asked.parts[0]), "role": "admin"}


@at("GET", "/addon-services")
def services(_asked: Asked) -> Any:
    return [views.service(name) for name in PLANS]


@at("GET", "/addon-services/*/plans")
def plans(asked: Asked) -> Any:
    service, _plan = addons.checked(asked.parts[0])
    return [views.plan(service, plan) for plan in PLANS[service]]


@at("GET", "/apps")
@at("GET", "/users/~/apps")
def apps(asked: Asked) -> Any:
    return [views.app(asked.world, app) for app in asked.world.apps.values() if app.owner == asked.user]


@at("POST", "/apps")
@at("POST", "/teams/apps")
def create(asked: Asked) -> Any:
    body, world = asked.body, asked.world
    name = body.get("name") or f"quiet-river-{secrets.randbelow(90000) + 10000}"
    if not NAME.fullmatch(name):
        raise Fault(
            422,
            "invalid_params",
            "Name must start with a letter, end with a letter or digit and can only"
            " contain lowercase letters, digits, and dashes.",
        )
    if name in world.apps:
        raise Fault(422, "invalid_params", f"Name {name} is already taken")
    stack = named(body.get("stack") or DEFAULT_STACK, STACKS, "stack")
    region = named(body.get("region") or "us", REGIONS, "region")
    owner_team = named(body["team"], world.teams, "team") if body.get("team") else ""
    app = App(name, asked.user, owner_team, region, stack, world.free_port())
    for text in ("Initial release", "Enable Logplex"):
        releases.create(app, asked.user, text)
    repository = HOME / "git" / f"{name}.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository)], check=True)
    subprocess.run(["git", "-C", str(repository), "config", "http.receivepack", "true"], check=True)
    (repository / "hooks/pre-receive").write_text(HOOK)
    (repository / "hooks/pre-receive").chmod(0o755)
    app.router = Router(app)
    world.apps[name] = app
    return views.app(world, app)


@at("GET", "/apps/*")
def info(asked: Asked) -> Any:
    return views.app(asked.world, asked.app)


@at("PATCH", "/apps/*")
def update(asked: Asked) -> Any:
    app = asked.app
    if "build_stack" in asked.body:
        app.built_stack = app.built_stack or app.stack
        app.stack = named(asked.body["build_stack"], STACKS, "stack")
        if not app.current.slug:
            app.built_stack = ""
    app.maintenance = bool(asked.body.get("maintenance", app.maintenance))
    return views.app(asked.world, app)


@at("DELETE", "/apps/*")
def delete(asked: Asked) -> Any:
    app = asked.app
    shown = views.app(asked.world, app)
    app.gone = True
    del asked.world.apps[app.name]
    for dyno in app.dynos:
        dyno.stop()
    for dyno in app.dynos:
        dyno.wait()
    if app.router:
        app.router.close()
    for addon in app.addons:
        addons.remove(addon)
    shutil.rmtree(HOME / "git" / f"{app.name}.git")
    return shown


@at("GET", "/apps/*/collaborators")
def collaborators(asked: Asked) -> Any:
    return [{"id": asked.app.id, "user": {"id": asked.app.owner.id, "email": asked.app.owner.email}, "role": "owner"}]


@at("GET", "/apps/*/pipeline-couplings")
def couplings(_asked: Asked) -> Any:
    raise Fault(404, "not_found", "Couldn't find that pipeline.", resource="pipeline")


@at("GET", "/apps/*/addons")
def listed(asked: Asked) -> Any:
    return [views.addon(asked.app, addon) for addon in asked.app.addons]


@at("POST", "/apps/*/addons")
def attach(asked: Asked) -> Any:
    plan = asked.body["plan"]
    made = addons.create(
        asked.app, asked.user, plan["name"] if isinstance(plan, dict) else plan, asked.body.get("name", "")
    )
    return views.addon(asked.app, made)


@at("PATCH", "/apps/*/addons/*")
def change(asked: Asked) -> Any:
    plan = asked.body["plan"]
    service, name = addons.checked(plan["name"] if isinstance(plan, dict) else plan)
    for addon in asked.app.addons:
        if asked.parts[1] in (addon.name, addon.id) and addon.service == service:
            addon.plan = name
            return views.addon(asked.app, addon)
    raise Fault(404, "not_found", "Couldn't find that add-on.", resource="addon")


@at("GET", "/apps/*/config-vars")
def config(asked: Asked) -> Any:
    return asked.app.config


@at("PATCH", "/apps/*/config-vars")
def configure(asked: Asked) -> Any:
    app, body = asked.app, asked.body
    for name in body:
        if not VARIABLE.fullmatch(name):
            raise Fault(422, "invalid_params", f"Config var names can only have letters, digits and _: {name}")
        if name in app.owned:
            raise Fault(422, "invalid_params", f"Cannot overwrite attachment values {name}.")
    wanted = {name: value for name, value in (app.config | body).items() if value is not None}
    if wanted != app.config:
        releases.create(app, asked.user, f"Set {', '.join(sorted(body))} config vars", config=wanted)
    return wanted


@at("GET", "/apps/*/releases")
def history(asked: Asked) -> Any:
    shown = [views.release(asked.world, asked.app, release) for release in asked.app.releases]
    most = re.search(r"max=(\d+)", asked.range)
    if "order=desc" in asked.range:
        shown.reverse()
    return shown[: int(most[1]) if most else 200]


@at("GET", "/apps/*/releases/*")
def one_release(asked: Asked) -> Any:
    return views.release(asked.world, asked.app, _release(asked.app, asked.parts[1]))


@at("POST", "/apps/*/releases")
def promote(asked: Asked) -> Any:
    app, body = asked.app, asked.body
    if "release" in body:
        target = _release(app, body["release"])
        if target.status != "succeeded" or not target.slug:
            raise Fault(422, "invalid_params", f"Release v{target.version} is not eligible for rollback.")
        made = releases.back(asked.world, app, asked.user, target)
    elif slug := app.slugs.get(body.get("slug", "")):
        made = releases.create(app, asked.user, body.get("description") or f"Deploy {slug.commit[:8]}", slug=slug)
    else:
        raise Fault(404, "not_found", "Couldn't find that slug.", resource="slug")
    return views.release(asked.world, app, made)


@at("GET", "/apps/*/slugs/*")
def slug(asked: Asked) -> Any:
    if found := asked.app.slugs.get(asked.parts[1]):
        return views.slug(found)
    raise Fault(404, "not_found", "Couldn't find that slug.", resource="slug")


@at("GET", "/apps/*/formation")
def formation(asked: Asked) -> Any:
    return [views.kind(asked.app, name) for name in asked.app.formation]


@at("PATCH", "/apps/*/formation")
def scale(asked: Asked) -> Any:
    app, rows = asked.app, asked.body["updates"]
    for row in rows:
        if row["type"] not in app.formation:
            raise Fault(404, "not_found", f"Couldn't find that process type ({row['type']}).", resource="formation")
        wish = row.get("dyno_size") or row.get("size")
        if wish:
            known = {size.lower(): size for size in SIZES}
            row["size"] = known[
                named(wish["name"].lower() if isinstance(wish, dict) else wish.lower(), known, "dyno_size")
            ]
    for row in rows:
        kind = app.formation[row["type"]]
        kind.quantity, kind.size = int(row.get("quantity", kind.quantity)), row.get("size") or kind.size
    app.log.add(
        "app",
        "api",
        "Scaled to " + " ".join(f"{name}@{one.quantity}:{one.size}" for name, one in app.formation.items()),
    )
    dynos.scale(app)
    return [views.kind(app, row["type"]) for row in rows]


@at("GET", "/apps/*/dynos")
def running(asked: Asked) -> Any:
    return [views.dyno(asked.app, dyno) for dyno in asked.app.dynos]


@at("POST", "/apps/*/log-sessions")
def log(asked: Asked) -> Any:
    body = asked.body
    dyno = body.get("dyno_name") or body.get("dyno") or body.get("type") or ""
    query = f"lines={body.get('lines') or 100}&source={body.get('source') or ''}&dyno={dyno}"
    made = {"id": asked.app.id, "created_at": asked.app.created, "updated_at": asked.app.created}
    return {**made, "logplex_url": f"{asked.world.url}/logs/{asked.app.id}?{query}"}


def _release(app: App, name: str) -> releases.Release:
    for release in app.releases:
        if name in (release.id, str(release.version), f"v{release.version}"):
            return release
    raise Fault(404, "not_found", "Couldn't find that release.", resource="release")
