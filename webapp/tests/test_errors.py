# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from unittest import mock

from sqlalchemy.exc import OperationalError

from tests.base import WebTestCase
from webapp.database import db


class ServerErrorTest(WebTestCase):
    overrides = {"PROPAGATE_EXCEPTIONS": False}

    def break_database(self) -> None:
        failure = OperationalError("SELECT 1", {}, Exception("gone"))
        self.enterContext(mock.patch.object(db.session, "execute", side_effect=failure))
        self.enterContext(mock.patch.object(db.session, "get", side_effect=failure))

    def test_the_error_page_needs_neither_user_nor_database(self) -> None:
        client = self.client_of(self.user())
        self.break_database()
        response = client.get("/")
        self.assertEqual(response.status_code, 500)
        self.assertIn("Something broke", response.text)
        self.assertNotIn("gone", response.text)

    def test_programs_get_json(self) -> None:
        self.break_database()
        response = self.client.get("/api/tags")
        self.assertEqual((response.status_code, response.json["status"]), (500, 500))


class ClientErrorTest(WebTestCase):
    def test_an_error_without_words_of_our_own_has_a_page_too(self) -> None:
        response = self.client.post("/")
        self.assertEqual(response.status_code, 405)
        self.assertIn("Method Not Allowed", response.text)

    def test_a_form_that_is_too_large_is_refused(self) -> None:
        client = self.client_of(self.user())
        response = client.post("/posts/new", data={"body": "x" * 1_200_000})
        self.assertEqual(response.status_code, 413)
