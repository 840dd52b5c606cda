# SPDX-License-Identifier: GPL-3.0-or-later
"""How the platform shows its things: the fields of Heroku's published schema."""

from __future__ import annotations

import uuid
from typing import Any

from .dynos import Dyno
from .world import DEFAULT_STACK, PLANS, REGIONS, STACKS, Account, Addon, App, Release, Slug, World

Shown = dict[str, Any]
BEGAN = "2012-01-01T12:00:00Z"


def identity(name: str) -> Shown:
    """A thing of the catalogue; its id follows from its name."""
    return {"id": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)), "name": name}


def account(user: Account) -> Shown:
    return {"id": user.id, "email": user.email, "name": None, "verified": True, "created_at": BEGAN}


def app(world: World, app: App) -> Shown:
    slug = app.current.slug
    return {
        "id": app.id,
        "name": app.name,
        "acm": False,
        "archived_at": None,
        "buildpack_provided_description": "Python" if slug else None,
        "build_stack": identity(app.stack),
        "created_at": app.created,
        "generation": identity("cedar"),
        "git_url": f"{world.url}/{app.name}.git",
        "internal_routing": None,
        "maintenance": app.maintenance,
        "owner": {"id": app.owner.id, "email": app.owner.email},
        "organization": identity(app.team) if app.team else None,
        "team": identity(app.team) if app.team else None,
        "region": identity(app.region),
        "released_at": app.current.created,
        "repo_size": None,
        "slug_size": slug.size if slug else None,
        "space": None,
        "stack": identity(app.built_stack or app.stack),
        "updated_at": app.releases[-1].created,
        "web_url": world.web_url(app),
    }


def stack(name: str) -> Shown:
    return {
        **identity(name),
        "state": STACKS[name],
        "default": name == DEFAULT_STACK,
        "created_at": BEGAN,
        "updated_at": BEGAN,
    }


def region(name: str) -> Shown:
    provider = {"name": "amazon-web-services", "region": f"{name}-east-1"}
    more = {"country": REGIONS[name], "locale": REGIONS[name], "description": REGIONS[name], "private_capable": False}
    return {**identity(name), **more, "provider": provider, "created_at": BEGAN, "updated_at": BEGAN}


def size(name: str) -> Shown:
    return {**identity(name), "compute": 1, "dedicated": False, "memory": 0.5, "private_space_only": False}


def service(name: str) -> Shown:
    more = {"cli_plugin_name": None, "human_name": name, "state": "ga", "supports_multiple_installations": False}
    return {**identity(name), **more, "supports_sharing": True, "created_at": BEGAN, "updated_at": BEGAN}


def plan(of: str, name: str) -> Shown:
    more = {"human_name": name, "description": f"{of} {name}", "default": name == PLANS[of][0], "visible": True}
    price = {"cents": 500, "contract": False, "unit": "month"}
    return {
        **identity(f"{of}:{name}"),
        **more,
        "addon_service": identity(of),
        "price": price,
        "state": "ga",
        "compliance": [],
        "installable_inside_private_network": False,
        "installable_outside_private_network": True,
        "space_default": False,
        "created_at": BEGAN,
        "updated_at": BEGAN,
    }


def addon(app: App, addon: Addon) -> Shown:
    there = addon.state == "provisioned"
    return {
        "id": addon.id,
        "name": addon.name,
        "actions": [],
        "addon_service": identity(addon.service),
        "billing_entity": {"id": app.id, "name": app.name, "type": "app"},
        "app": {"id": app.id, "name": app.name},
        "billed_price": {"cents": 500, "contract": False, "unit": "month"},
        "config_vars": list(addon.names) if there else [],
        "created_at": addon.created,
        "plan": identity(f"{addon.service}:{addon.plan}"),
        "provider_id": addon.place,
        "provision_message": "",
        "state": addon.state,
        "updated_at": addon.created,
        "web_url": None,
    }


def release(world: World, app: App, release: Release) -> Shown:
    return {
        "id": release.id,
        "version": release.version,
        "addon_plan_names": [f"{addon.service}:{addon.plan}" for addon in app.addons],
        "artifacts": [],
        "app": {"id": app.id, "name": app.name},
        "created_at": release.created,
        "description": release.description,
        "slug": {"id": release.slug.id} if release.slug else None,
        "status": release.status,
        "user": {"id": release.user.id, "email": release.user.email},
        "current": release is app.current,
        "output_stream_url": f"{world.url}/streams/{release.id}" if release.has_phase else None,
        "eligible_for_rollback": release.status == "succeeded" and release.slug is not None,
        "updated_at": release.created,
    }


def slug(slug: Slug) -> Shown:
    return {
        "id": slug.id,
        "blob": {"method": "GET", "url": "https://example.org/slug"},
        "buildpack_provided_description": "Python",
        "checksum": None,
        "commit": slug.commit,
        "commit_description": slug.subject,
        "created_at": slug.created,
        "process_types": slug.types,
        "size": slug.size,
        "stack": identity(slug.stack),
        "updated_at": slug.created,
    }


def kind(app: App, name: str) -> Shown:
    found = app.formation[name]
    return {
        "id": found.id,
        "app": {"id": app.id, "name": app.name},
        "command": app.current.slug.types[name] if app.current.slug else "",
        "created_at": found.created,
        "dyno_size": identity(found.size),
        "quantity": found.quantity,
        "size": found.size,
        "type": name,
        "updated_at": found.created,
    }


def dyno(app: App, dyno: Dyno) -> Shown:
    return {
        "id": dyno.id,
        "name": dyno.name,
        "app": {"id": app.id, "name": app.name},
        "attach_url": None,
        "command": dyno.command,
        "created_at": dyno.created,
        "release": {"id": dyno.release.id, "version": dyno.release.version},
        "size": dyno.size,
        "state": dyno.state,
        "type": dyno.kind,
        "updated_at": dyno.updated,
    }
