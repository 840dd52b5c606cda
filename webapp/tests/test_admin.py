# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event, func, select

from tests.base import FileTestCase, WebTestCase
from webapp.database import db
from webapp.models import Comment, Digest, Post, User, now


class AdminTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada, self.bob = self.user("ada"), self.user("bob")
        self.ada.is_admin = True
        self.text = self.post(self.bob, "By Bob")
        self.remark = self.comment(self.text, self.ada, "Well said.")
        self.browser = self.client_of(self.ada)

    def test_for_everybody_else_there_is_nothing_here(self) -> None:
        for client in (self.client, self.client_of(self.bob)):
            self.assertEqual(client.get("/admin").status_code, 404)
            self.assertNotIn("/admin", client.get("/").text)
            for path in (
                f"/admin/users/{self.bob.id}/grant",
                f"/admin/comments/{self.remark.id}/delete",
                f"/admin/posts/{self.text.id}/delete",
            ):
                self.assertEqual(client.post(path).status_code, 404, path)
        db.session.expire_all()
        self.assertFalse(self.bob.is_admin)
        self.assertIsNotNone(db.session.scalar(select(Comment)))

    def test_an_administrator_finds_the_way(self) -> None:
        self.assertIn('href="/admin"', self.browser.get("/").text)
        page = self.browser.get("/admin").text
        for text in ("bob@example.org", "Well said.", "By Bob"):
            self.assertIn(text, page)

    def test_the_mail_of_this_week_is_counted(self) -> None:
        long_ago = now() - timedelta(days=8)
        self.remark.notified_at = now()
        self.comment(self.text, self.ada).notified_at = long_ago
        self.add(Digest(user_id=self.ada.id, week="2026-W46", sent_at=now()))
        self.add(Digest(user_id=self.ada.id, week="2026-W45", sent_at=long_ago))
        self.add(Digest(user_id=self.ada.id, week="2026-W44"))
        page = " ".join(self.browser.get("/admin").text.split())
        for what, number in (
            ("users", 2),
            ("posts", 1),
            ("comments", 2),
            ("comments mailed this week", 1),
            ("digests mailed this week", 1),
        ):
            self.assertIn(f"<dt>{what}</dt> <dd>{number}</dd>", page)

    def test_it_takes_the_same_few_queries_for_any_number_of_rows(self) -> None:
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

        def count() -> int:
            statements.clear()
            self.browser.get("/admin")
            return len(statements)

        few = count()
        for number in range(5):
            self.comment(self.post(self.user(f"author{number}"), tags=[f"t{number}"]), self.bob)
        self.assertEqual(count(), few)

    def test_makes_and_unmakes_another(self) -> None:
        for what, admin in (("grant", True), ("revoke", False)):
            self.assert_redirects(self.browser.post(f"/admin/users/{self.bob.id}/{what}"), "/admin")
            db.session.refresh(self.bob)
            self.assertEqual(self.bob.is_admin, admin)
        self.assertEqual(self.browser.post(f"/admin/users/{self.bob.id}/promote").status_code, 404)

    def test_one_is_always_left(self) -> None:
        page = self.browser.post(f"/admin/users/{self.ada.id}/revoke", follow_redirects=True).text
        self.assertIn("Only another administrator can do that to you.", page)
        db.session.refresh(self.ada)
        self.assertTrue(self.ada.is_admin)

    def test_deletes_what_anybody_wrote(self) -> None:
        self.assert_redirects(self.browser.post(f"/admin/comments/{self.remark.id}/delete"), "/admin")
        self.assertIsNone(db.session.scalar(select(Comment)))
        self.assert_redirects(self.browser.post(f"/admin/posts/{self.text.id}/delete"), "/admin")
        self.assertEqual(db.session.scalar(select(func.count(Post.id))), 0)
        self.assertIn("Nothing has been written yet.", self.browser.get("/admin").text)


class AdminCsrfTest(WebTestCase):
    overrides = {"WTF_CSRF_ENABLED": True}

    def test_no_other_site_acts_for_an_administrator(self) -> None:
        ada, bob = self.user("ada"), self.user("bob")
        ada.is_admin = True
        db.session.commit()
        response = self.client_of(ada).post(f"/admin/users/{bob.id}/grant")
        self.assertEqual(response.status_code, 400)
        db.session.refresh(bob)
        self.assertFalse(bob.is_admin)


class GrantAdminTest(FileTestCase):
    def test_makes_and_unmakes_one(self) -> None:
        self.user("ada")
        runner = self.app.test_cli_runner()
        for arguments, said, admin in (
            (["Ada"], "ada is an administrator now.", True),
            (["ada", "--revoke"], "ada is no administrator now.", False),
        ):
            result = runner.invoke(args=["grant-admin", *arguments])
            self.assertEqual((result.exit_code, result.output.strip()), (0, said))
            self.assertEqual(db.session.scalar(select(User.is_admin)), admin)
            db.session.rollback()

    def test_needs_somebody(self) -> None:
        result = self.app.test_cli_runner().invoke(args=["grant-admin", "nobody"])
        self.assertEqual(result.exit_code, 1)
        self.assertIn("There is no user nobody.", result.output)
