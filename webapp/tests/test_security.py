# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import unittest

from tests.base import PASSWORD, WebTestCase
from webapp.security import HEADERS, safe_path


class HeadersTest(WebTestCase):
    def test_every_response_has_them(self) -> None:
        for path in ("/", "/nope", "/api/posts", "/api/nope", "/healthz", "/static/style.css"):
            with self.subTest(path), self.client.get(path) as response:
                for name, value in HEADERS.items():
                    self.assertEqual(response.headers[name], value)

    def test_the_policy_allows_nothing_inline(self) -> None:
        policy = HEADERS["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)

    def test_no_page_has_anything_inline(self) -> None:
        ada = self.user()
        ada.is_admin = True
        post = self.post(ada, tags=["ops"])
        self.comment(post, ada)
        client = self.client_of(ada)
        for path in ("/", f"/posts/{post.id}", f"/posts/{post.id}/edit", "/tags/ops", "/account", "/admin", "/nope"):
            page = client.get(path).text
            self.assertNotRegex(page, r"<script(?! src=[^>]*></script>)|<style|\sstyle=|\son\w+=", path)
            self.assertNotRegex(page, r'(src|href)="(https?:)?//', path)

    def test_strict_transport_only_where_the_site_is_https_for_good(self) -> None:
        name = "Strict-Transport-Security"
        self.assertNotIn(name, self.client.get("/", base_url="https://localhost").headers)
        self.app.config["PREFERRED_URL_SCHEME"] = "https"
        self.assertNotIn(name, self.client.get("/", base_url="http://localhost").headers)
        self.assertIn(name, self.client.get("/", base_url="https://localhost").headers)


class CookieTest(WebTestCase):
    overrides = {"SESSION_COOKIE_SECURE": True}

    def test_the_session_cookie_is_kept_from_scripts_and_other_sites(self) -> None:
        self.user()
        response = self.client.post("/login", data={"name": "ada", "password": PASSWORD})
        cookie = response.headers["Set-Cookie"]
        for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
            self.assertIn(flag, cookie)

    def test_who_only_reads_gets_no_cookie(self) -> None:
        post = self.post(self.user())
        for path in ("/", f"/posts/{post.id}", "/api/posts", "/feed.xml", "/healthz"):
            self.assertNotIn("Set-Cookie", self.client.get(path).headers, path)


class CsrfTest(WebTestCase):
    overrides = {"WTF_CSRF_ENABLED": True}

    def test_a_form_without_its_token_is_refused_with_a_page(self) -> None:
        user = self.user()
        post = self.post(user)
        client = self.client_of(user)
        for path in ("/posts/new", "/logout", f"/posts/{post.id}/delete", "/login"):
            response = client.post(path)
            self.assertEqual(response.status_code, 400, path)
            self.assertIn("The form has expired", response.text)

    def test_a_form_with_its_token_is_accepted(self) -> None:
        self.user()
        page = self.client.get("/login").text
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]
        data = {"name": "ada", "password": PASSWORD, "csrf_token": token}
        self.assert_redirects(self.client.post("/login", data=data), "/")


class SafePathTest(unittest.TestCase):
    def test_pages_of_this_site(self) -> None:
        for path in ("/", "/posts/new", "/posts/1?page=2#comments", "/tags/ä"):
            self.assertEqual(safe_path(path), path)

    def test_everything_else(self) -> None:
        for path in (
            None,
            "",
            "posts",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
        ):
            self.assertIsNone(safe_path(path), path)
