# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from unittest import mock

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.base import WebTestCase
from webapp import tokens
from webapp.database import db
from webapp.models import Comment, Post, User

POST = {"title": "Hello", "body": "First *words*.", "tags": ["Ops", "x y"]}


class ApiWritingTest(WebTestCase):
    # A token is all that counts, also where forms have to bring theirs.
    overrides = {"WTF_CSRF_ENABLED": True}

    def setUp(self) -> None:
        super().setUp()
        self.ada, self.bob = self.user("ada"), self.user("bob")
        self.tokens = {user: tokens.make(user, "laptop") for user in (self.ada, self.bob)}

    def call(self, user: User, method: str, path: str, **options: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        return self.client.open(f"/api/{path}", method=method, headers=headers, **options)

    def fields(self, response: TestResponse) -> dict[str, list[str]]:
        """What is said of each field that is wrong."""
        self.assertEqual((response.status_code, response.json["status"]), (422, 422), response.text)
        return response.json["fields"]


class PostTest(ApiWritingTest):
    def test_a_program_publishes(self) -> None:
        response = self.call(self.ada, "POST", "posts", json=POST)
        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.location, response.json["url"])
        self.assertEqual(self.client.get(response.location).json, response.json)
        post = db.session.scalar(select(Post))
        self.assertEqual((post.author, post.title, post.summary), (self.ada, "Hello", "First words."))
        self.assertEqual([tag.name for tag in post.tags], ["ops", "x-y"])

    def test_what_is_not_sent_stays_as_it_is(self) -> None:
        post = self.post(self.ada, "Mine", tags=["ops"])
        response = self.call(self.ada, "PATCH", f"posts/{post.id}", json={"title": " Still  mine "})
        self.assertEqual(response.status_code, 200)
        known = {name: response.json[name] for name in ("title", "summary", "body", "tags")}
        self.assertEqual(
            known, {"title": "Still mine", "summary": "In short.", "body": "Some *text*.", "tags": ["ops"]}
        )
        self.assertIsNotNone(response.json["updated_at"])

    def test_what_is_sent_empty_is_emptied(self) -> None:
        post = self.post(self.ada, tags=["ops"])
        response = self.call(self.ada, "PATCH", f"posts/{post.id}", json={"tags": [], "summary": ""})
        self.assertEqual((response.json["tags"], response.json["summary"]), ([], "Some text."))

    def test_a_deleted_post_takes_its_comments_along(self) -> None:
        post = self.post(self.ada)
        self.comment(post, self.bob)
        response = self.call(self.ada, "DELETE", f"posts/{post.id}")
        self.assertEqual((response.status_code, response.text), (204, ""))
        for model in (Post, Comment):
            self.assertIsNone(db.session.scalar(select(model)))

    def test_nobody_changes_or_deletes_the_post_of_another(self) -> None:
        post = self.post(self.ada)
        for method in ("PATCH", "DELETE"):
            response = self.call(self.bob, method, f"posts/{post.id}", json={"title": "Yours"})
            self.assertEqual((response.status_code, response.json["status"]), (403, 403))
        self.assertEqual(db.session.scalar(select(Post.title)), "A title")

    def test_what_does_not_exist_is_not_found(self) -> None:
        for method, path in (("PATCH", "posts/99"), ("DELETE", "posts/99"), ("POST", "posts/99/comments")):
            response = self.call(self.ada, method, path, json={})
            self.assertEqual((response.status_code, response.json["status"]), (404, 404), path)


class CommentTest(ApiWritingTest):
    def test_a_program_comments_and_the_author_is_told(self) -> None:
        post = self.post(self.ada)
        with mock.patch("webapp.comments.mail_comment.delay") as delay:
            response = self.call(self.bob, "POST", f"posts/{post.id}/comments", json={"body": " Well said. "})
        self.assertEqual(response.status_code, 201)
        self.assertEqual((response.json["body"], response.json["author"]), ("Well said.", "bob"))
        self.assertEqual(self.client.get(response.location).json, response.json)
        delay.assert_called_once_with(response.json["id"], response.json["html_url"])

    def test_an_empty_comment_is_refused(self) -> None:
        post = self.post(self.ada)
        response = self.call(self.bob, "POST", f"posts/{post.id}/comments", json={"body": " "})
        self.assertEqual(self.fields(response), {"body": ["This field is required."]})


class RefusedTest(ApiWritingTest):
    def tearDown(self) -> None:
        self.assertEqual(db.session.scalar(select(func.count(Post.id))), 0)
        super().tearDown()

    def test_a_session_is_no_token(self) -> None:
        browser = self.client_of(self.ada)
        response = browser.post("/api/posts", json=POST)
        self.assertEqual((response.status_code, response.json["status"]), (401, 401))

    def test_fields_are_judged_as_in_the_forms(self) -> None:
        body = {"title": "x" * 121, "tags": ["a", "b", "c", "d", "e", "f"]}
        wrong = self.fields(self.call(self.ada, "POST", "posts", json=body))
        self.assertEqual(wrong.keys(), {"title", "body", "tags"})
        self.assertEqual(wrong["tags"], ["At most 5 tags."])

    def test_so_is_what_no_form_could_send(self) -> None:
        for field, value, said in (
            ("title", 7, "This has to be a text."),
            ("summary", None, "This has to be a text."),
            ("tags", "ops", None),
            ("tags", [1], "This has to be a list of texts."),
            ("body", "nul \0", "This has characters that no database keeps."),
            ("body", "half \ud83d", "This has characters that no database keeps."),
            ("author", "bob", "There is no such field."),
            ("csrf_token", "x", "There is no such field."),
        ):
            with self.subTest(field=field, value=value):
                response = self.call(self.ada, "POST", "posts", json=POST | {"title": "", field: value})
                self.assertEqual(self.fields(response).get(field), said and [said])

    def test_only_json_is_read(self) -> None:
        response = self.call(self.ada, "POST", "posts", data=POST)
        self.assertEqual((response.status_code, response.json["status"]), (415, 415))

    def test_and_only_an_object(self) -> None:
        for body, status in (("[]", 422), ("null", 422), ("{", 400), ("", 400), ("[" * 100_000, 400)):
            response = self.call(self.ada, "POST", "posts", data=body, content_type="application/json")
            self.assertEqual((response.status_code, response.json["status"]), (status, status), body)

    def test_a_body_that_is_too_large_is_refused(self) -> None:
        response = self.call(self.ada, "POST", "posts", json=POST | {"body": "x" * 1_200_000})
        self.assertEqual((response.status_code, response.json["status"]), (413, 413))
