# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from sqlalchemy import func, select

from tests.base import PASSWORD, WebTestCase
from webapp.database import db
from webapp.models import User
from webapp.passwords import UNUSABLE, check_password


class RegisterTest(WebTestCase):
    def register(self, **changes: str):
        form = {"name": "grace", "email": "grace@example.org", "password": PASSWORD}
        return self.client.post("/register", data=form | changes)

    def test_opens_an_account_and_signs_in(self) -> None:
        self.assert_redirects(self.register(), "/")
        page = self.client.get("/").text
        self.assertIn("Welcome, grace.", page)
        self.assertIn("Sign out", page)

    def test_keeps_an_argon2_hash_and_not_the_password(self) -> None:
        self.register()
        user = db.session.scalar(select(User))
        self.assertTrue(user.password_hash.startswith("$argon2id$"))
        self.assertNotIn(PASSWORD, user.password_hash)

    def test_names_and_addresses_are_compared_in_lower_case(self) -> None:
        self.register()
        self.client.post("/logout")
        response = self.register(name="Grace", email="GRACE@example.org")
        self.assertEqual(response.status_code, 200)
        self.assertIn("This name is taken.", response.text)
        self.assertIn("This address has an account already.", response.text)
        self.assertEqual(db.session.scalar(select(func.count(User.id))), 1)

    def test_refuses_what_it_cannot_use(self) -> None:
        for field, value in (
            ("name", "../admin"),
            ("name", "a--b"),
            ("email", "nobody"),
            ("password", "short"),
        ):
            with self.subTest(field=field, value=value):
                response = self.register(**{field: value})
                self.assertIn('aria-invalid="true"', response.text)
        self.assertIsNone(db.session.scalar(select(User)))

    def test_who_is_signed_in_is_sent_on(self) -> None:
        self.assert_redirects(self.client_of(self.user()).get("/register"), "/")


class LoginTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada = self.user("ada")

    def login(self, password: str = PASSWORD, query: str = "", **more: str):
        data = {"name": "ada", "password": password, **more}
        return self.client.post(f"/login{query}", data=data)

    def test_signs_in_and_out(self) -> None:
        self.assert_redirects(self.login(), "/")
        self.assertIn("Sign out", self.client.get("/").text)
        self.assert_redirects(self.client.post("/logout"), "/")
        self.assertIn("Sign in", self.client.get("/").text)

    def test_a_wrong_password_and_a_wrong_name_get_the_same_answer(self) -> None:
        wrong = self.login("not the password")
        unknown = self.login(name="nobody")
        for response in (wrong, unknown):
            self.assertIn("Name and password do not belong together.", response.text)
        self.assertIn("Sign in", self.client.get("/").text)

    def test_goes_on_to_where_one_wanted_to_go(self) -> None:
        self.assert_redirects(self.client.get("/posts/new"), "/login?next=%2Fposts%2Fnew")
        self.assert_redirects(self.login(query="?next=%2Fposts%2Fnew"), "/posts/new")

    def test_never_goes_on_to_another_site(self) -> None:
        self.assert_redirects(self.login(query="?next=https://evil.example/"), "/")

    def test_signing_out_takes_a_post(self) -> None:
        self.assertEqual(self.client.get("/logout").status_code, 405)

    def test_stays_signed_in_on_request_only(self) -> None:
        self.login()
        self.assertIsNone(self.client.get_cookie("remember_token"))
        self.client.post("/logout")
        self.login(remember="y")
        self.assertTrue(self.client.get_cookie("remember_token").http_only)

    def test_a_hash_with_older_parameters_is_renewed(self) -> None:
        before = self.ada.password_hash
        self.app.config["PASSWORD_HASHER"] = {"time_cost": 2, "memory_cost": 8, "parallelism": 1}
        self.login()
        db.session.refresh(self.ada)
        self.assertNotEqual(self.ada.password_hash, before)
        self.assertTrue(check_password(self.ada, PASSWORD))

    def test_an_account_without_password_opens_for_nobody(self) -> None:
        self.ada.password_hash = UNUSABLE
        for password in ("", UNUSABLE, PASSWORD):
            self.assertFalse(check_password(self.ada, password))
