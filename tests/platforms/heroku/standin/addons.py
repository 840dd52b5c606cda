# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons with something behind them: a database in PostgreSQL, a virtual host in RabbitMQ, and users for them."""

from __future__ import annotations

import secrets
import subprocess
import threading

from . import releases
from .world import LOCK, PLANS, Account, Addon, App, Fault

OWNS = {"heroku-postgresql": ("DATABASE_URL",), "cloudamqp": ("CLOUDAMQP_URL",)}
WORDS = ("shaped", "round", "deep", "flat", "clear", "curved")


def checked(plan: str) -> tuple[str, str]:
    """Service and plan of `service:plan`, or of a service alone."""
    service, _colon, name = plan.partition(":")
    if service not in PLANS:
        raise Fault(404, "not_found", "Couldn't find that add-on service.", resource="addon_service")
    if name and name not in PLANS[service]:
        raise Fault(404, "not_found", "Couldn't find that plan.", resource="plan")
    return service, name or PLANS[service][0]


def create(app: App, user: Account, wish: str, name: str = "") -> Addon:
    service, plan = checked(wish)
    if any(addon.service == service for addon in app.addons):
        raise Fault(422, "invalid_params", f"{service} is there already; the stand-in gives each app one.")
    called = name or f"{service.removeprefix('heroku-')}-{secrets.choice(WORDS)}-{secrets.randbelow(90000) + 10000}"
    addon = Addon(service, plan, called, OWNS[service], f"a{secrets.token_hex(7)}")
    app.addons.append(addon)
    threading.Thread(target=_provision, args=(app, user, addon), daemon=True).start()
    return addon


def _provision(app: App, user: Account, addon: Addon) -> None:
    password = secrets.token_hex(16)
    url = MAKERS[addon.service](addon.place, password)
    with LOCK:
        if app.gone:
            return
        addon.state = "provisioned"
        releases.create(
            app,
            user,
            f"Attach {addon.names[0].removesuffix('_URL')} (@ref:{addon.name})",
            config=app.config | {addon.names[0]: url},
        )


def remove(addon: Addon) -> None:
    if addon.service == "heroku-postgresql":
        _sql(f"DROP DATABASE IF EXISTS {addon.place} WITH (FORCE); DROP ROLE IF EXISTS {addon.place};")
    else:
        _rabbit("delete_vhost", addon.place)
        _rabbit("delete_user", addon.place)


def _postgresql(place: str, password: str) -> str:
    _sql(
        f"CREATE ROLE {place} LOGIN PASSWORD '{password}'; CREATE DATABASE {place} OWNER {place};"
        f" REVOKE CONNECT ON DATABASE {place} FROM PUBLIC;"
    )
    return f"postgres://{place}:{password}@127.0.0.1:5432/{place}"


def _rabbitmq(place: str, password: str) -> str:
    _rabbit("add_vhost", place)
    _rabbit("add_user", place, password)
    _rabbit("set_permissions", "-p", place, place, ".*", ".*", ".*")
    return f"amqp://{place}:{password}@127.0.0.1:5672/{place}"


MAKERS = {"heroku-postgresql": _postgresql, "cloudamqp": _rabbitmq}


def _sql(text: str) -> None:
    rows = "".join(f"{one.strip()};\n" for one in text.split(";") if one.strip())
    command = ["runuser", "-u", "postgres", "--", "psql", "-qv", "ON_ERROR_STOP=1"]
    subprocess.run(command, input=rows, text=True, check=True, cwd="/")


def _rabbit(*words: str) -> None:
    subprocess.run(["rabbitmqctl", "-q", *words], check=True, stdin=subprocess.DEVNULL)
