# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an app is told of the services that other hosts, or its own, offer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from ansible_collections.slipway.flask.plugins.module_utils._core.database import VARIABLE
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Told:
    """Variables of the app's environment, all of them secret, and files that everybody may read."""

    environment: Mapping[str, str]
    files: Mapping[str, str]


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
        return Told({VARIABLE: f"postgresql://{who}@{LOOPBACK}:{offer['port']}/{name}"}, {})
    address = f"[{offer['address']}]" if ":" in offer["address"] else offer["address"]
    certificate = str(Layout.of(app).config / "database.pem")
    checked = urlencode({"sslmode": "verify-ca", "sslrootcert": certificate}, safe="/")
    url = f"postgresql://{who}@{address}:{offer['port']}/{name}?{checked}"
    return Told({VARIABLE: url}, {certificate: offer["certificate"]})
