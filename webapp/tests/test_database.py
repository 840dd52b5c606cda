# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from tests.base import FileTestCase
from webapp.database import MIGRATIONS, db
from webapp.models import Comment, User

COPIES = """
import sqlalchemy as sa
from alembic import op

revision = "copies"
down_revision = "{here}"

def upgrade():
    with op.batch_alter_table("users") as batch:
        batch.alter_column("name", type_=sa.String(40))
"""


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

    def test_going_one_back_and_forth_keeps_what_is_there(self) -> None:
        ada = self.user()
        self.comment(self.post(ada), ada)
        db.session.close()
        downgrade(revision="0001")
        upgrade()
        self.assertEqual(db.session.scalar(select(func.count(Comment.id))), 1)

    def test_a_table_that_is_copied_keeps_what_points_to_it(self) -> None:
        ada = self.user()
        self.comment(self.post(ada), ada)
        here = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        db.session.close()
        folder = self.folder() / "migrations"
        shutil.copytree(MIGRATIONS, folder)
        (folder / "versions" / "copies.py").write_text(COPIES.format(here=here))
        upgrade(directory=str(folder))
        self.assertEqual(db.session.scalar(select(func.count(Comment.id))), 1)
        self.assertEqual(db.session.scalar(text("PRAGMA foreign_keys")), 1)

    def test_the_release_before_can_go_on_adding_users(self) -> None:
        columns = "name, email, password_hash, created_at"
        values = "'ada', 'ada@example.org', '!', '2026-11-22 10:00:00'"
        db.session.execute(text(f"INSERT INTO users ({columns}) VALUES ({values})"))
        user = db.session.scalar(select(User))
        self.assertEqual((user.is_admin, user.wants_digest), (False, False))
