# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

from sqlalchemy import select

from tests.base import WebTestCase
from webapp import tokens
from webapp.database import db
from webapp.models import ApiToken


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


class TokenTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada = self.user()
        self.browser = self.client_of(self.ada)

    def token(self) -> ApiToken | None:
        return db.session.scalar(select(ApiToken))

    def test_strangers_are_asked_to_sign_in(self) -> None:
        for path in ("/account/tokens", "/account/tokens/1/revoke"):
            self.assertTrue(self.client.post(path).location.startswith("/login"), path)

    def test_a_new_token_is_shown_once_and_works(self) -> None:
        response = self.browser.post("/account/tokens", data={"name": " my  laptop "})
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        token = re.search(r'value="(blog_[^"]+)"', response.text)[1]
        self.assertEqual((self.token().digest, self.token().name), (tokens.digest_of(token), "my laptop"))
        page = self.browser.get("/account").text
        self.assertIn("my laptop", page)
        self.assertIn("never used", page)
        self.assertNotIn(token, page)
        headers = {"Authorization": f"Bearer {token}"}
        self.assertEqual(self.client.post("/api/posts", json={}, headers=headers).status_code, 422)
        self.assertIn("used last", self.browser.get("/account").text)

    def test_its_name_is_needed_and_not_used_twice(self) -> None:
        tokens.make(self.ada, "laptop")
        tokens.make(self.user("bob"), "phone")
        for name, said in (("", "This field is required."), ("laptop", "You have a token of this name already.")):
            page = self.browser.post("/account/tokens", data={"name": name}).text
            self.assertIn(said, page)
            self.assertNotIn("blog_", page)
        self.assertIn("blog_", self.browser.post("/account/tokens", data={"name": "phone"}).text)

    def test_a_revoked_token_is_gone(self) -> None:
        tokens.make(self.ada, "laptop")
        response = self.browser.post(f"/account/tokens/{self.token().id}/revoke")
        self.assert_redirects(response, "/account")
        self.assertIsNone(self.token())
        self.assertIn("“laptop” is revoked.", self.browser.get("/account").text)

    def test_nobody_revokes_the_token_of_another(self) -> None:
        tokens.make(self.user("bob"), "laptop")
        self.assertEqual(self.browser.post(f"/account/tokens/{self.token().id}/revoke").status_code, 404)
        self.assertIsNotNone(self.token())
