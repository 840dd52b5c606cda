# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.base import WebTestCase
from webapp.database import db


class MailTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada = self.user()
        self.browser = self.client_of(self.ada)

    def test_strangers_are_asked_to_sign_in(self) -> None:
        self.assert_redirects(self.client.get("/account"), "/login?next=%2Faccount")
        self.assertTrue(self.client.post("/account/mail").location.startswith("/login"))

    def test_a_digest_comes_to_who_asks_for_it(self) -> None:
        self.assertNotIn(" checked", self.browser.get("/account").text)
        self.assert_redirects(self.browser.post("/account/mail", data={"wants_digest": "y"}), "/account")
        self.assertIn(" checked", self.browser.get("/account").text)
        db.session.refresh(self.ada)
        self.assertTrue(self.ada.wants_digest)

    def test_and_to_nobody_else(self) -> None:
        self.ada.wants_digest = True
        db.session.commit()
        self.browser.post("/account/mail", data={})
        db.session.refresh(self.ada)
        self.assertFalse(self.ada.wants_digest)
