# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the database of an app is, and what a release knows of its migrations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import migrations
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import Revision
from ansible_collections.slipway.flask.plugins.module_utils._host import commands
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import text

SECONDS = 30
# Alembic has SQLAlchemy, and the application has its driver, which its address often leaves open.
ASK = """
import importlib.util, json, os
import sqlalchemy as sa
given = os.environ.get("DATABASE_URL") or os.environ["SQLALCHEMY_DATABASE_URI"]
scheme, _, rest = given.partition("://")
if scheme in ("postgres", "postgresql"):
    drivers = [name for name in ("psycopg2", "psycopg", "pg8000") if importlib.util.find_spec(name)]
    scheme = "postgresql+" + drivers[0]
url = sa.engine.make_url(scheme + "://" + rest)
rows = []
# a relative file is meant from a folder that only the application knows
assert scheme != "sqlite" or os.path.isabs(url.database)
if scheme != "sqlite" or os.path.exists(url.database):
    with sa.create_engine(url).connect() as connection:
        if sa.inspect(connection).has_table("alembic_version"):
            rows = [row[0] for row in connection.execute(sa.text("select version_num from alembic_version"))]
print(json.dumps({"at": rows}))
"""


def known(app: App, release: str) -> dict[str, Revision]:
    """The revisions that a release has; none when nothing can be said of its database."""
    source = Path(app.layout.releases) / release / "source"
    paths = [str(path.relative_to(source)) for path in source.rglob("*.py")]
    return migrations.read(text(source / path) for path in migrations.files(paths))


@dataclass(frozen=True)
class Look:
    """What a release knows of its database, and where that is: None when it cannot be asked."""

    revisions: Mapping[str, Revision]
    at: frozenset[str] | None

    @property
    def settled(self) -> bool:
        """Whether the database is known to be where the release wants it."""
        return bool(self.at) and not migrations.pending(self.revisions, self.at or frozenset())


def look(app: App, release: str, activation: str) -> Look:
    revisions = known(app, release)
    return Look(revisions, at(app, activation) if revisions else None)


def at(app: App, activation: str) -> frozenset[str] | None:
    """Where the database is that an activation has; None when it cannot be asked."""
    result = commands.launched(app, activation, ["python", "-c", ASK], SECONDS)
    try:
        return frozenset(json.loads(result.stdout.splitlines()[-1])["at"]) if result.ok else None
    except (ValueError, LookupError, TypeError):
        return None
