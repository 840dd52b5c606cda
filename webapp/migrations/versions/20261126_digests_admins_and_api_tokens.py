# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests, administrators and API tokens.

Only adds: the release before this one goes on with the schema after it.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def of_user(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_user_id_users"
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(name), ondelete="CASCADE")


def create_api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        of_user("api_tokens"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
        # Serves the way from a user to the tokens, too.
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_api_tokens_user_id")),
    )


def create_digests() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        of_user("digests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("user_id", "week", name=op.f("uq_digests_user_id")),
    )


def upgrade() -> None:
    # Batch mode would copy users and comments for the sake of a default, on a site that is in use.
    # Any SQLite adds a column in place, and drops one since 3.35.
    for name in ("is_admin", "wants_digest"):
        op.add_column("users", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("comments", sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True))
    create_api_tokens()
    create_digests()


def downgrade() -> None:
    for table in ("digests", "api_tokens"):
        op.drop_table(table)
    op.drop_column("comments", "notified_at")
    for name in ("wants_digest", "is_admin"):
        op.drop_column("users", name)
