# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from tests.base import FileTestCase, WebTestCase


class HealthTest(FileTestCase):
    def test_a_migrated_database_is_well(self) -> None:
        response = self.client.get("/healthz")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, {"status": "ok", "schema": "0002"})
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_a_database_that_cannot_be_opened_is_not(self) -> None:
        url = f"sqlite:///{self.folder()}/missing/blog.db"
        client = self.make_app(SQLALCHEMY_DATABASE_URI=url).test_client()
        response = client.get("/healthz")
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json, {"status": "unwell", "schema": None})


class EmptyHealthTest(FileTestCase):
    def make_schema(self) -> None:
        """None."""

    def test_a_database_without_a_schema_is_not_well(self) -> None:
        self.assertEqual(self.client.get("/healthz").status_code, 503)


class VersionTest(WebTestCase):
    def test_tells_what_the_deployer_has_said(self) -> None:
        self.app.config.update(RELEASE="7", COMMIT="9c1f4e")
        expected = {"release": "7", "commit": "9c1f4e", "pid": os.getpid()}
        self.assertEqual(self.client.get("/version").json, expected)

    def test_and_null_for_what_nobody_has_said(self) -> None:
        body = self.client.get("/version").json
        self.assertEqual((body["release"], body["commit"]), (None, None))
