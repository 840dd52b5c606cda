# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from tests.base import FileTestCase
from webapp.database import db
from webapp.models import Comment


class SqliteTest(FileTestCase):
    def pragma(self, name: str) -> object:
        return db.session.scalar(text(f"PRAGMA {name}"))

    def test_several_processes_can_share_the_file(self) -> None:
        self.assertEqual(self.pragma("journal_mode"), "wal")
        self.assertGreaterEqual(self.pragma("busy_timeout"), 5000)

    def test_foreign_keys_are_kept(self) -> None:
        db.session.add(Comment(body="x", post_id=1, author_id=1))
        with self.assertRaises(IntegrityError):
            db.session.commit()
        db.session.rollback()

    def test_times_come_back_in_utc(self) -> None:
        here = timezone(timedelta(hours=2))
        post = self.post(self.user(), created_at=datetime(2026, 5, 1, 1, 30, tzinfo=here))
        db.session.refresh(post)
        self.assertEqual(post.created_at.isoformat(), "2026-04-30T23:30:00+00:00")


class MigrationTest(FileTestCase):
    def test_migrations_make_what_the_models_say(self) -> None:
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            self.assertEqual(compare_metadata(context, db.metadata), [])

    def test_they_can_be_undone(self) -> None:
        downgrade(revision="base")
        self.assertEqual(inspect(db.engine).get_table_names(), ["alembic_version"])
