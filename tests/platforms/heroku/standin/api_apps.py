# SPDX-License-Identifier: GPL-3.0-or-later
"""API: apps come, change and go."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
from typing import Any

from . import addons, releases, views
from .router import Router
from .routes import Asked, at, named
from .world import DEFAULT_STACK, HOME, REGIONS, STACKS, App, Fault

NAME = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
HOOK = "#!/bin/sh\nexec /usr/bin/python3 /opt/standin/standin/hook.py\n"


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
