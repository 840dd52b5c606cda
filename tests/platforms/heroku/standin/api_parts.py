# SPDX-License-Identifier: GPL-3.0-or-later
"""API: what an app has: add-ons, config vars, releases, its formation, dynos and logs."""

from __future__ import annotations

import re
from typing import Any

from . import addons, dynos, releases, views
from .routes import Asked, at, named
from .world import SIZES, Addon, App, Fault, Release

VARIABLE = re.compile(r"[A-Za-z0-9_]+")


@at("GET", "/apps/*/addons")
def listed(asked: Asked) -> Any:
    return [views.addon(asked.app, addon) for addon in asked.app.addons]


@at("GET", "/apps/*/addons/*")
def one_addon(asked: Asked) -> Any:
    return views.addon(asked.app, _addon(asked.app, asked.parts[1]))


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
    addon = _addon(asked.app, asked.parts[1])
    if addon.service != service:
        raise Fault(422, "invalid_params", f"{addon.name} is no {service}.")
    addon.plan = name
    return views.addon(asked.app, addon)


@at("GET", "/apps/*/config-vars")
def config(asked: Asked) -> Any:
    return asked.app.config


@at("PATCH", "/apps/*/config-vars")
def configure(asked: Asked) -> Any:
    app, body = asked.app, asked.body
    for name, value in body.items():
        if not isinstance(value, str | None):
            raise Fault(422, "invalid_params", f"Config var values must be strings: {name}")
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


def _release(app: App, name: str) -> Release:
    for release in app.releases:
        if name in (release.id, str(release.version), f"v{release.version}"):
            return release
    raise Fault(404, "not_found", "Couldn't find that release.", resource="release")


def _addon(app: App, name: str) -> Addon:
    for addon in app.addons:
        if name in (addon.name, addon.id):
            return addon
    raise Fault(404, "not_found", "Couldn't find that add-on.", resource="addon")
