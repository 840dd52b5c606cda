# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.base import WebTestCase


class RoutingTest(WebTestCase):
    def test_a_number_that_no_database_takes_is_not_found(self) -> None:
        for number in (0, 2**31, 10**30):
            for path in (f"/posts/{number}", f"/api/posts/{number}"):
                self.assertEqual(self.client.get(path).status_code, 404, path)

    def test_a_page_that_no_database_reaches_is_not_found(self) -> None:
        for path in ("/", "/api/posts"):
            self.assertEqual(self.client.get(f"{path}?page={10**30}").status_code, 404, path)

    def test_nul_characters_are_refused(self) -> None:
        client = self.client_of(self.user())
        self.assertEqual(client.get("/tags/%00").status_code, 400)
        form = {"title": "A", "body": "nul \0"}
        self.assertEqual(client.post("/posts/new", data=form).status_code, 400)
