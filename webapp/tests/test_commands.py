# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import runpy
from contextlib import chdir
from pathlib import Path
from unittest import mock

from click import Context
from flask.cli import ScriptInfo
from sqlalchemy import func, select

from tests.base import FileTestCase, WebTestCase
from webapp.database import db
from webapp.models import Comment, Post, User
from webapp.sample import read_posts

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


class CommandTest(FileTestCase):
    def run_command(self, *arguments: str) -> str:
        result = self.app.test_cli_runner().invoke(args=arguments)
        self.assertEqual(result.exit_code, 0, result.output)
        return result.output

    def count(self, column: object) -> int:
        return db.session.scalar(select(func.count(column)))

    def test_createdb_keeps_what_is_there(self) -> None:
        self.user("ada")
        self.assertIn("up to date", self.run_command("createdb"))
        self.assertEqual(self.count(User.id), 1)

    def test_the_sample_is_added_once(self) -> None:
        self.run_command("createdb", "--sample")
        self.assertEqual(self.count(Post.id), len(read_posts()))
        self.assertGreaterEqual(self.count(User.id), 2)
        self.assertGreater(self.count(Comment.id), 0)
        before = self.count(Comment.id)
        self.assertIn("content already", self.run_command("createdb", "--sample"))
        self.assertEqual(self.count(Comment.id), before)

    def test_the_sample_is_not_mixed_with_real_content(self) -> None:
        self.user("ada")
        self.run_command("createdb", "--sample")
        self.assertEqual(self.count(Post.id), 0)

    def test_every_sample_page_can_be_shown(self) -> None:
        self.run_command("createdb", "--sample")
        paths = ["/", "/?page=2", "/tags/releases", "/users/maren", "/feed.xml"]
        paths += [f"/posts/{number}" for number in db.session.scalars(select(Post.id))]
        for path in paths:
            self.assertEqual(self.client.get(path).status_code, 200, path)

    def test_upgrade_works_from_any_folder(self) -> None:
        self.enterContext(chdir(self.folder()))
        self.run_command("db", "upgrade")


class ManageTest(WebTestCase):
    def test_manage_makes_the_application_from_the_environment(self) -> None:
        cli = runpy.run_path(str(MANAGE))["cli"]
        variables = {"WEBAPP_CONFIG": "webapp.config.DevConfig", "SITE_NAME": "Elsewhere"}
        with mock.patch.dict(os.environ, variables | {"DATABASE_URL": "sqlite:///:memory:"}):
            app = cli.create_app()
        self.assertEqual(app.config["SITE_NAME"], "Elsewhere")
        context = Context(cli, obj=ScriptInfo(create_app=lambda: app))
        self.assertLessEqual({"createdb", "db", "digest", "grant-admin", "run"}, set(cli.list_commands(context)))
