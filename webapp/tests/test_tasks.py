# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from smtplib import SMTPServerDisconnected
from unittest import mock

from celery.exceptions import Retry
from sqlalchemy import func, select

from tests.base import WebTestCase
from webapp import mail
from webapp.database import db
from webapp.models import Comment
from webapp.tasks import mail_comment

LINK = "http://localhost/posts/1#comment-1"


class MailCommentTest(WebTestCase):
    overrides = {"MAIL_SERVER": "mail.test", "MAIL_SENDER": "blog@example.org"}

    def setUp(self) -> None:
        super().setUp()
        self.smtp = self.enterContext(mock.patch("webapp.mail.SMTP"))
        self.server = self.smtp.return_value.__enter__.return_value
        self.text = self.post(self.user("ada"), "On <ships>")
        self.bob = self.user("bob")

    def post_comment(self) -> int:
        path = f"/posts/{self.text.id}/comments"
        return self.client_of(self.bob).post(path, data={"body": "5 > 4 & so on"}).status_code

    def test_a_comment_is_mailed_to_the_author(self) -> None:
        self.assertEqual(self.post_comment(), 302)
        (message,) = self.server.send_message.call_args.args
        self.assertEqual(message["To"], "ada@example.org")
        self.assertEqual(message["From"], "blog@example.org")
        self.assertEqual(message["Subject"], "bob on “On <ships>”")
        self.assertIn("5 > 4 & so on", message.get_content())
        self.assertIn(LINK, message.get_content())

    def test_a_task_that_comes_again_mails_nothing(self) -> None:
        self.post_comment()
        comment = db.session.scalar(select(Comment))
        self.assertIsNotNone(comment.notified_at)
        mail_comment.run(comment.id, LINK)
        self.assertEqual(self.server.send_message.call_count, 1)

    def test_what_was_not_sent_does_not_count_as_sent(self) -> None:
        self.smtp.side_effect = ConnectionRefusedError()
        self.post_comment()
        self.assertIsNone(db.session.scalar(select(Comment)).notified_at)

    def test_a_failing_mail_never_fails_the_comment(self) -> None:
        for failure in (ConnectionRefusedError(), SMTPServerDisconnected(), ValueError("bug")):
            self.smtp.side_effect = failure
            self.assertEqual(self.post_comment(), 302)
        self.assertEqual(db.session.scalar(select(func.count(Comment.id))), 3)

    def test_inline_it_is_tried_only_once(self) -> None:
        self.smtp.side_effect = ConnectionRefusedError()
        self.post_comment()
        self.assertEqual(self.smtp.call_count, 1)

    def test_a_worker_tries_again_later(self) -> None:
        comment = self.comment(self.text, self.bob)
        self.smtp.side_effect = ConnectionRefusedError()
        retry = self.enterContext(mock.patch.object(mail_comment, "retry", return_value=Retry()))
        with self.assertRaises(Retry):
            mail_comment.run(comment.id, LINK)
        self.assertEqual(retry.call_args.kwargs["countdown"], 30)

    def test_a_comment_that_is_gone_is_no_news(self) -> None:
        mail_comment.run(99, LINK)
        self.smtp.assert_not_called()


class SendTest(WebTestCase):
    def test_without_a_server_the_mail_goes_to_the_log(self) -> None:
        with self.assertLogs(self.app.logger, "INFO") as logs:
            mail.send("ada@example.org", "Hello", "Some text")
        self.assertIn("ada@example.org", logs.output[0])
        self.assertIn("Some text", logs.output[0])

    def test_encryption_and_name_where_they_are_asked_for(self) -> None:
        self.app.config.update(MAIL_SERVER="mail.test", MAIL_USE_TLS=True, MAIL_USERNAME="u", MAIL_PASSWORD="p")
        with mock.patch("webapp.mail.SMTP") as smtp:
            mail.send("ada@example.org", "Hello", "Some text")
        server = smtp.return_value.__enter__.return_value
        steps = [call[0] for call in server.method_calls]
        self.assertEqual(steps, ["starttls", "login", "send_message"])
