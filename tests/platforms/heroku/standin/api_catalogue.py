# SPDX-License-Identifier: GPL-3.0-or-later
"""API: what the platform has to give, and who asks."""

from __future__ import annotations

from typing import Any

from . import addons, views
from .routes import Asked, at
from .world import PLANS, REGIONS, SIZES, STACKS, Fault


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
