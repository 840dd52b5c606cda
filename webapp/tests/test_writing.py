# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from sqlalchemy import func, select

from tests.base import WebTestCase
from webapp.database import db
from webapp.models import Comment, Post, Tag

FORM = {"title": "Hello", "summary": "", "body": "First *words*.\n\nMore.", "tags": "Ops, ops, x y"}


class WritingTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada, self.bob = self.user("ada"), self.user("bob")

    def test_strangers_are_asked_to_sign_in(self) -> None:
        post = self.post(self.ada)
        for method, path in (
            ("GET", "/posts/new"),
            ("POST", "/posts/new"),
            ("POST", f"/posts/{post.id}/edit"),
            ("POST", f"/posts/{post.id}/delete"),
        ):
            response = self.client.open(path, method=method, data=FORM)
            self.assertTrue(response.location.startswith("/login?next="), path)
        self.assertEqual(db.session.scalar(select(func.count(Post.id))), 1)

    def test_publishes_a_post(self) -> None:
        response = self.client_of(self.ada).post("/posts/new", data=FORM)
        post = db.session.scalar(select(Post))
        self.assert_redirects(response, f"/posts/{post.id}")
        self.assertEqual(post.author, self.ada)
        self.assertEqual(post.summary, "First words.")
        self.assertEqual([tag.name for tag in post.tags], ["ops", "x-y"])
        self.assertIsNone(post.updated_at)

    def test_a_long_post_fits_in_any_alphabet(self) -> None:
        response = self.client_of(self.ada).post("/posts/new", data=FORM | {"body": "語" * 50_000})
        self.assertEqual(response.status_code, 302)

    def test_posts_share_their_tags(self) -> None:
        client = self.client_of(self.ada)
        for _ in range(2):
            client.post("/posts/new", data=FORM)
        self.assertEqual(db.session.scalar(select(func.count(Tag.id))), 2)

    def test_a_title_is_one_line(self) -> None:
        self.client_of(self.ada).post("/posts/new", data=FORM | {"title": "a\r\nBcc: b@c.d"})
        self.assertEqual(db.session.scalar(select(Post.title)), "a Bcc: b@c.d")

    def test_an_incomplete_post_comes_back_with_what_was_written(self) -> None:
        for field, value in (("title", " "), ("body", ""), ("tags", "a,b,c,d,e,f")):
            response = self.client_of(self.ada).post("/posts/new", data=FORM | {field: value})
            self.assertEqual(response.status_code, 200)
            self.assertIn(f'id="{field}-error"', response.text)
        self.assertIsNone(db.session.scalar(select(Post)))

    def test_the_form_of_a_post_holds_what_it_is(self) -> None:
        post = self.post(self.ada, "Hello", tags=["ops"])
        page = self.client_of(self.ada).get(f"/posts/{post.id}/edit").text
        for text in ('value="Hello"', 'value="ops"', "Some *text*."):
            self.assertIn(text, page)

    def test_authors_change_their_posts(self) -> None:
        post = self.post(self.ada, tags=["old"])
        changed = FORM | {"summary": "My own.", "tags": ""}
        response = self.client_of(self.ada).post(f"/posts/{post.id}/edit", data=changed)
        self.assert_redirects(response, f"/posts/{post.id}")
        db.session.refresh(post)
        self.assertEqual((post.title, post.summary, post.tags), ("Hello", "My own.", []))
        self.assertIsNotNone(post.updated_at)

    def test_nobody_changes_or_deletes_the_post_of_another(self) -> None:
        post = self.post(self.ada, "Mine")
        client = self.client_of(self.bob)
        for path in (f"/posts/{post.id}/edit", f"/posts/{post.id}/delete"):
            response = client.post(path, data=FORM)
            self.assertEqual(response.status_code, 403)
            self.assertIn("That is not yours", response.text)
        self.assertEqual(db.session.scalar(select(Post.title)), "Mine")

    def test_only_the_author_sees_the_way_to_edit(self) -> None:
        post = self.post(self.ada)
        link = f"/posts/{post.id}/edit"
        self.assertIn(link, self.client_of(self.ada).get(f"/posts/{post.id}").text)
        self.assertNotIn(link, self.client_of(self.bob).get(f"/posts/{post.id}").text)

    def test_a_deleted_post_takes_its_comments_along(self) -> None:
        post = self.post(self.ada, tags=["ops"])
        self.comment(post, self.bob)
        response = self.client_of(self.ada).post(f"/posts/{post.id}/delete")
        self.assert_redirects(response, "/")
        for model in (Post, Comment):
            self.assertIsNone(db.session.scalar(select(model)))
        self.assertIn("No post has this tag any more.", self.client.get("/tags/ops").text)
