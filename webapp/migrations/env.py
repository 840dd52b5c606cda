# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the migrations on the database of the application."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import current_app

from webapp.database import UTCDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own type as what it is in the database: a migration outlives our code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


extension = current_app.extensions["migrate"]
db = extension.db

if context.is_offline_mode():
    url = db.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, target_metadata=db.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Batch mode copies a table and drops it; with foreign keys on, all that points to it
            # would go along. They cannot be switched in a transaction, and nobody else is to get
            # a connection without them.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.commit()
            connection.detach()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            **extension.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
