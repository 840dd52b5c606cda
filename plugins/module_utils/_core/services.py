# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an app is told of the services that other hosts, or its own, offer to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from ansible_collections.slipway.flask.plugins.module_utils._core.broker import PORT, TLS_PORT
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import (
    BROKER_VARIABLE,
    FLOWER_VARIABLE,
    SETTINGS_VARIABLE,
    Celery,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.celery_programs import settings
from ansible_collections.slipway.flask.plugins.module_utils._core.database import VARIABLE
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Told:
    """Variables of the app's environment, all of them secret, and files that everybody may read."""

    environment: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)


def libpq(url: str) -> dict[str, str]:
    """The environment in which PostgreSQL's own programs find a database: their arguments are seen by everybody."""
    found = urlsplit(url)
    asked = dict(parse_qsl(found.query))
    return {
        "PGHOST": found.hostname or "",
        "PGPORT": str(found.port or ""),
        "PGDATABASE": unquote(found.path.lstrip("/")),
        "PGUSER": unquote(found.username or ""),
        "PGPASSWORD": unquote(found.password or ""),
        **{f"PG{name.upper()}": value for name, value in asked.items()},
    }


def of_database(app: str, offer: Mapping[str, Any], same_host: bool) -> Told:
    """PostgreSQL, as `DATABASE_URL`. From elsewhere the server must show the certificate that we were given."""
    who = f"{quote(offer['user'], safe='')}:{quote(offer['password'], safe='')}"
    name = quote(offer["database"], safe="")
    if same_host:
        return Told({VARIABLE: f"postgresql://{who}@{LOOPBACK}:{offer['port']}/{name}"})
    address = _bracketed(offer["address"])
    certificate = str(Layout.of(app).config / "database.pem")
    checked = urlencode({"sslmode": "verify-ca", "sslrootcert": certificate}, safe="/")
    url = f"postgresql://{who}@{address}:{offer['port']}/{name}?{checked}"
    return Told({VARIABLE: url}, {certificate: offer["certificate"]})


def of_brokers(app: str, offers: Sequence[Mapping[str, Any]], encrypted: bool) -> Told:
    """RabbitMQ, as `CELERY_BROKER_URL`: each broker in turn. They show the certificates that we were given."""
    user, password = (quote(offers[0][name], safe="") for name in ("user", "password"))
    scheme, port = ("amqps", TLS_PORT) if encrypted else ("amqp", PORT)
    addresses = [_bracketed(offer["address"]) if encrypted else LOOPBACK for offer in offers]
    url = ";".join(f"{scheme}://{user}:{password}@{address}:{port}/{app}" for address in addresses)
    shown = "".join(offer["certificate"] for offer in offers)
    return Told({BROKER_VARIABLE: url}, {_broker_certificate(app): shown} if encrypted else {})


def of_celery(app: str, celery: Celery, encrypted: bool) -> Told:
    """How the app shall use its broker, as `CELERY_SETTINGS`; `encrypted`, when it is one of ours and elsewhere."""
    # 2 is ssl.CERT_REQUIRED
    secure = {"broker_use_ssl": {"ca_certs": _broker_certificate(app), "cert_reqs": 2}} if encrypted else {}
    told = {**json.loads(settings(celery)), **secure}
    flower = {FLOWER_VARIABLE: f"flower:{celery.flower_password}"} if celery.flower_port else {}
    return Told({SETTINGS_VARIABLE: json.dumps(told, sort_keys=True), **flower})


def is_encrypted(brokers: Sequence[str], here: str) -> bool:
    """Whether an app on the host `here` speaks to its brokers over TLS. A cluster is one address list for all."""
    return bool(brokers) and list(brokers) != [here]


def _broker_certificate(app: str) -> str:
    return str(Layout.of(app).config / "broker.pem")


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
