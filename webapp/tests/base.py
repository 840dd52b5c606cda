# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests share: an application with an empty database, and people to use it."""

from __future__ import annotations

import logging
import tempfile
import unittest
import warnings
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_login import FlaskLoginClient
from werkzeug.test import TestResponse

from webapp import create_app
from webapp.database import db
from webapp.models import Comment, Post, Tag, User
from webapp.passwords import hash_password

PASSWORD = "a long enough password"


class Client(FlaskLoginClient):
    """A browser whose requests share nothing with the context of the test."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*arguments, **options)


class WebTestCase(unittest.TestCase):
    """An application in memory; a warning out of our own code is an error."""

    overrides: dict[str, Any] = {}

    def setUp(self) -> None:
        self.enterContext(warnings.catch_warnings())
        warnings.filterwarnings("error", module=r"webapp(\.|$)")
        # Flask-Login 0.6.3 still asks for the time in a way that Python 3.12 deprecates.
        warnings.filterwarnings("ignore", "datetime", DeprecationWarning, "flask_login")
        self.app = self.make_app(**self.overrides)
        self.context = self.app.app_context()
        self.context.push()
        self.addCleanup(self.context.pop)
        self.make_schema()
        self.client: FlaskClient = self.app.test_client()

    def make_app(self, **overrides: Any) -> Flask:
        """An application that leaves no connection open behind it."""
        app = create_app("webapp.config.TestConfig", overrides)
        app.test_client_class = Client
        # A handler made by another test may hold on to a stream that is closed by now.
        app.logger.setLevel(logging.CRITICAL)
        self.addCleanup(self.dispose, app)
        return app

    @staticmethod
    def dispose(app: Flask) -> None:
        with app.app_context():
            db.engine.dispose()

    def make_schema(self) -> None:
        db.create_all()

    def folder(self) -> Path:
        """An empty folder that is gone after the test."""
        return Path(self.enterContext(tempfile.TemporaryDirectory()))

    def add(self, row: Any) -> Any:
        db.session.add(row)
        db.session.commit()
        return row

    def user(self, name: str = "ada") -> User:
        email, password = f"{name}@example.org", hash_password(PASSWORD)
        return self.add(User(name=name, email=email, password_hash=password))

    def post(self, author: User, title: str = "A title", **values: Any) -> Post:
        tags = [Tag(name=name) for name in values.pop("tags", [])]
        values = {"summary": "In short.", "body": "Some *text*.", **values}
        return self.add(Post(author=author, title=title, tags=tags, **values))

    def comment(self, post: Post, author: User, body: str = "Indeed.") -> Comment:
        return self.add(Comment(post=post, author=author, body=body))

    def client_of(self, user: User) -> FlaskClient:
        """A browser in which the user is signed in."""
        return self.app.test_client(user=user)

    def assert_redirects(self, response: TestResponse, path: str) -> None:
        self.assertEqual(response.status_code, 302)
        self.assertEqual(response.location, path)


class FileTestCase(WebTestCase):
    """The same, with a migrated database in a file."""

    def make_app(self, **overrides: Any) -> Flask:
        self.path = self.folder() / "blog.db"
        overrides.setdefault("SQLALCHEMY_DATABASE_URI", f"sqlite:///{self.path}")
        return super().make_app(**overrides)

    def make_schema(self) -> None:
        result = self.app.test_cli_runner().invoke(args=["createdb"])
        self.assertEqual(result.exit_code, 0, result.output)
