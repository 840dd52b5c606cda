# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from sqlalchemy import select

from tests.base import WebTestCase
from webapp import tokens
from webapp.database import db
from webapp.models import ApiToken


class TokenTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada = self.user()
        self.token = tokens.make(self.ada, "laptop")

    def delete(self, authorization: str) -> int:
        """The status of a request that finds nothing, once it is let in."""
        return self.client.delete("/api/posts/99", headers={"Authorization": authorization}).status_code

    def test_only_its_digest_is_kept(self) -> None:
        row = db.session.scalar(select(ApiToken))
        self.assertTrue(self.token.startswith("blog_"))
        self.assertEqual(row.digest, tokens.digest_of(self.token))
        self.assertNotIn(self.token, map(str, vars(row).values()))

    def test_two_are_never_the_same(self) -> None:
        self.assertNotEqual(tokens.make(self.ada, "phone"), self.token)

    def test_it_lets_in_and_its_use_is_noted(self) -> None:
        self.assertIsNone(db.session.scalar(select(ApiToken.last_used_at)))
        for scheme in ("Bearer", "bearer"):
            self.assertEqual(self.delete(f"{scheme} {self.token}"), 404)
        self.assertIsNotNone(db.session.scalar(select(ApiToken.last_used_at)))

    def test_nothing_else_does(self) -> None:
        digest = tokens.digest_of(self.token)
        for wrong in ("", "Bearer", "Bearer ", f"Bearer {self.token}x", f"Bearer {digest}", f"Basic {self.token}", "ä"):
            self.assertEqual(self.delete(wrong), 401, wrong)

    def test_who_has_none_is_told_what_to_send(self) -> None:
        response = self.client.delete("/api/posts/99")
        self.assertEqual(response.headers["WWW-Authenticate"], "Bearer realm=api")
        self.assertIn("Authorization: Bearer TOKEN", response.json["detail"])
        response = self.client.delete("/api/posts/99", headers={"Authorization": "Bearer x"})
        self.assertIn("error=invalid_token", response.headers["WWW-Authenticate"])

    def test_it_says_nothing_on_pages(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        self.assertIn("Sign in", self.client.get("/", headers=headers).text)
        self.assertTrue(self.client.get("/account", headers=headers).location.startswith("/login"))
