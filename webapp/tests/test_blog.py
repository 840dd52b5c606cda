# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import event

from tests.base import WebTestCase
from webapp.database import db


class BlogTest(WebTestCase):
    overrides = {"POSTS_PER_PAGE": 3}

    def setUp(self) -> None:
        super().setUp()
        self.ada = self.user()

    def posts(self, count: int) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for number in range(count):
            written = start + timedelta(days=number)
            self.post(self.ada, f"Post number {number}", created_at=written, tags=[f"t{number}"])

    def test_an_empty_blog_has_a_front_page(self) -> None:
        response = self.client.get("/")
        self.assertEqual(response.status_code, 200)
        self.assertIn("Nothing has been written yet.", response.text)

    def test_the_newest_post_comes_first(self) -> None:
        self.posts(2)
        page = self.client.get("/").text
        self.assertLess(page.index("Post number 1"), page.index("Post number 0"))
        self.assertIn("2 January 2026", page)

    def test_posts_are_spread_over_pages(self) -> None:
        self.posts(4)
        first, second = self.client.get("/").text, self.client.get("/?page=2").text
        self.assertNotIn("Post number 0", first)
        self.assertIn('rel="next" href="/?page=2"', first)
        self.assertNotIn('rel="prev"', first)
        self.assertIn("Post number 0", second)
        self.assertIn('rel="prev" href="/?page=1"', second)
        self.assertNotIn('rel="next"', second)

    def test_the_links_between_pages_keep_their_size(self) -> None:
        self.posts(4)
        self.assertIn('href="/?page=2&amp;per_page=2"', self.client.get("/?per_page=2").text)

    def test_a_page_that_is_not_there(self) -> None:
        self.posts(1)
        for page in ("2", "0", "-1", "x"):
            self.assertEqual(self.client.get(f"/?page={page}").status_code, 404, page)

    def test_the_front_page_takes_the_same_few_queries_for_any_number_of_posts(self) -> None:
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

        def count() -> int:
            statements.clear()
            self.client.get("/?per_page=50")
            return len(statements)

        self.posts(2)
        few = count()
        for number in range(20):
            author = self.user(f"author{number}")
            self.comment(self.post(author, f"More {number}", tags=[f"m{number}"]), self.ada)
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 4)

    def test_a_post_shows_its_text_tags_and_comments(self) -> None:
        post = self.post(self.ada, "Hello", tags=["ops"])
        self.comment(post, self.user("bob"), "I **agree**.")
        page = self.client.get(f"/posts/{post.id}").text
        self.assertIn("Some <em>text</em>.", page)
        self.assertIn('href="/tags/ops"', page)
        self.assertIn("I <strong>agree</strong>.", page)
        self.assertIn("1 comment", page)

    def test_comments_that_came_since_are_given_alone(self) -> None:
        post, bob = self.post(self.ada, "Hello"), self.user("bob")
        first, second = self.comment(post, bob, "The first."), self.comment(post, bob, "The second.")
        self.comment(self.post(self.ada, "Another"), bob, "Elsewhere.")
        page = self.client.get(f"/posts/{post.id}/comments?after={first.id}").text
        self.assertIn(f'id="comment-{second.id}"', page)
        self.assertNotRegex(page, r"The first|Elsewhere|<html")
        self.assertEqual(self.client.get(f"/posts/{post.id}/comments?after={second.id}").text.strip(), "")
        self.assertEqual(self.client.get("/posts/99/comments").status_code, 404)

    def test_titles_are_escaped(self) -> None:
        post = self.post(self.ada, "<script>alert(1)</script>")
        for path in ("/", f"/posts/{post.id}", "/feed.xml"):
            self.assertNotIn("<script>", self.client.get(path).text, path)

    def test_a_tag_page_shows_only_its_posts(self) -> None:
        self.posts(2)
        page = self.client.get("/tags/t1").text
        self.assertIn("Post number 1", page)
        self.assertNotIn("Post number 0", page)

    def test_a_user_page_shows_only_their_posts_and_no_address(self) -> None:
        self.post(self.ada, "By Ada")
        self.post(self.user("bob"), "By Bob")
        page = self.client.get("/users/bob").text
        self.assertIn("By Bob", page)
        self.assertNotIn("By Ada", page)
        self.assertNotIn("@example.org", page)

    def test_what_does_not_exist_is_not_found(self) -> None:
        for path in ("/posts/7", "/posts/x", "/tags/none", "/users/nobody", "/elsewhere"):
            response = self.client.get(path)
            self.assertEqual(response.status_code, 404, path)
            self.assertIn("Nothing here", response.text)
