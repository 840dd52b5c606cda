# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from unittest import mock

from kombu.exceptions import OperationalError
from sqlalchemy import select

from tests.base import WebTestCase
from webapp.database import db
from webapp.models import Comment


class CommentTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada, self.bob, self.eve = (self.user(name) for name in ("ada", "bob", "eve"))
        self.text = self.post(self.ada)
        self.path = f"/posts/{self.text.id}/comments"
        self.delay = self.enterContext(mock.patch("webapp.comments.mail_comment.delay"))

    def test_a_comment_is_kept_and_its_author_told(self) -> None:
        response = self.client_of(self.bob).post(self.path, data={"body": " Well said. "})
        comment = db.session.scalar(select(Comment))
        self.assert_redirects(response, f"/posts/{self.text.id}#comment-{comment.id}")
        self.assertEqual((comment.body, comment.author), ("Well said.", self.bob))
        link = f"http://localhost/posts/{self.text.id}#comment-{comment.id}"
        self.delay.assert_called_once_with(comment.id, link)

    def test_nobody_is_told_of_their_own_comment(self) -> None:
        self.client_of(self.ada).post(self.path, data={"body": "A correction."})
        self.assertIsNotNone(db.session.scalar(select(Comment)))
        self.delay.assert_not_called()

    def test_a_comment_stands_when_the_broker_is_away(self) -> None:
        self.delay.side_effect = OperationalError("no broker")
        response = self.client_of(self.bob).post(self.path, data={"body": "Hello?"})
        self.assertEqual(response.status_code, 302)
        self.assertIsNotNone(db.session.scalar(select(Comment)))

    def test_strangers_are_asked_to_sign_in(self) -> None:
        response = self.client.post(self.path, data={"body": "Spam"})
        self.assertTrue(response.location.startswith("/login"))
        self.assertIsNone(db.session.scalar(select(Comment)))

    def test_an_empty_comment_is_refused(self) -> None:
        client = self.client_of(self.bob)
        page = client.post(self.path, data={"body": "  "}, follow_redirects=True).text
        self.assertIn("A comment has between 1 and 5000 characters.", page)
        self.assertIsNone(db.session.scalar(select(Comment)))

    def test_a_comment_on_nothing(self) -> None:
        response = self.client_of(self.bob).post("/posts/99/comments", data={"body": "Hm"})
        self.assertEqual(response.status_code, 404)

    def test_its_author_and_the_author_of_the_post_may_delete_it(self) -> None:
        comments = [self.comment(self.text, self.bob) for _ in range(2)]
        for user, comment in zip((self.ada, self.bob), comments, strict=True):
            response = self.client_of(user).post(f"/comments/{comment.id}/delete")
            self.assert_redirects(response, f"/posts/{self.text.id}#comments")
        self.assertIsNone(db.session.scalar(select(Comment)))

    def test_others_may_not(self) -> None:
        comment = self.comment(self.text, self.bob)
        response = self.client_of(self.eve).post(f"/comments/{comment.id}/delete")
        self.assertEqual(response.status_code, 403)
        self.assertIsNotNone(db.session.scalar(select(Comment)))
