# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.base import WebTestCase


class ApiTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada = self.user()

    def test_a_list_of_posts(self) -> None:
        post = self.post(self.ada, "Hello", tags=["ops"])
        self.comment(post, self.user("bob"))
        body = self.client.get("/api/posts").json
        (item,) = body.pop("items")
        page = {"page": 1, "pages": 1, "per_page": 8, "total": 1, "next": None, "prev": None}
        self.assertEqual(body, page)
        self.assertEqual(item["title"], "Hello")
        self.assertEqual(item["author"], "ada")
        self.assertEqual(item["tags"], ["ops"])
        self.assertEqual(item["comment_count"], 1)
        self.assertTrue(item["created_at"].endswith("+00:00"))
        self.assertNotIn("body", item)

    def test_pages_lead_to_each_other(self) -> None:
        for number in range(5):
            self.post(self.ada, f"Post {number}")
        first = self.client.get("/api/posts?per_page=2").json
        self.assertEqual((first["pages"], first["total"]), (3, 5))
        second = self.client.get(first["next"]).json
        self.assertEqual([item["title"] for item in second["items"]], ["Post 2", "Post 1"])
        self.assertEqual(self.client.get(second["prev"]).json, first)

    def test_a_query_cannot_reach_into_the_links(self) -> None:
        for number in range(2):
            self.post(self.ada, f"Post {number}")
        body = self.client.get("/api/posts?per_page=1&_scheme=ftp&endpoint=x").json
        self.assertEqual(body["next"], "http://localhost/api/posts?page=2&per_page=1")

    def test_nobody_gets_everything_at_once(self) -> None:
        self.assertEqual(self.client.get("/api/posts?per_page=9999").json["per_page"], 100)

    def test_one_post_with_text_and_comments(self) -> None:
        post = self.post(self.ada)
        self.comment(post, self.ada, "Indeed.")
        body = self.client.get(f"/api/posts/{post.id}").json
        self.assertEqual(body["body"], "Some *text*.")
        self.assertEqual(body["html"], "<p>Some <em>text</em>.</p>\n")
        self.assertEqual([comment["body"] for comment in body["comments"]], ["Indeed."])

    def test_tags_with_the_number_of_their_posts(self) -> None:
        self.post(self.ada, tags=["ops", "db"])
        expected = [{"name": "db", "posts": 1}, {"name": "ops", "posts": 1}]
        self.assertEqual(self.client.get("/api/tags").json["items"], expected)

    def test_a_user_without_what_is_private(self) -> None:
        self.post(self.ada)
        body = self.client.get("/api/users/ada").json
        self.assertEqual((body["name"], body["posts"]), ("ada", 1))
        self.assertEqual(body.keys(), {"name", "posts", "created_at", "html_url"})

    def test_what_does_not_exist_is_not_found_in_json(self) -> None:
        for path in ("/api/posts/7", "/api/users/nobody", "/api/posts?page=2", "/api/x", "/api/"):
            response = self.client.get(path)
            self.assertEqual(response.status_code, 404, path)
            self.assertEqual(response.json["status"], 404)
            self.assertEqual(response.json["error"], "Not Found")

    def test_one_comment(self) -> None:
        post = self.post(self.ada)
        comment = self.comment(post, self.ada, "Indeed.")
        body = self.client.get(f"/api/comments/{comment.id}").json
        self.assertEqual((body["author"], body["body"]), ("ada", "Indeed."))
        self.assertEqual(body["html_url"], f"http://localhost/posts/{post.id}#comment-{comment.id}")
        self.assertEqual(self.client.get(f"/api/posts/{post.id}").json["comments"], [body])

    def test_what_cannot_be_written_is_read_only(self) -> None:
        response = self.client.post("/api/tags", json={})
        self.assertEqual((response.status_code, response.json["status"]), (405, 405))
        self.assertIn("GET", response.headers["Allow"])
