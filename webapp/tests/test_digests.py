# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from unittest import mock

from celery.exceptions import Retry
from celery.schedules import crontab
from kombu.exceptions import OperationalError
from sqlalchemy import select

from tests.base import FileTestCase, WebTestCase
from webapp.database import db
from webapp.digests import last_week, monday
from webapp.models import Digest
from webapp.tasks import send_digest, send_digests

#: A Wednesday. The week before began on Monday, 16 November.
TODAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEK = "2026-W47"
IN_THE_WEEK = datetime(2026, 11, 18, tzinfo=UTC)


class WeekTest(WebTestCase):
    def test_a_week_goes_from_monday_to_monday(self) -> None:
        for today, week in (
            (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "2026-W46"),
            (datetime(2026, 11, 23, tzinfo=UTC), "2026-W47"),
            (datetime(2027, 1, 4, tzinfo=UTC), "2026-W53"),
        ):
            with mock.patch("webapp.digests.now", return_value=today):
                self.assertEqual(last_week(), week)
        self.assertEqual(monday("2026-W53"), datetime(2026, 12, 28, tzinfo=UTC))

    def test_it_is_due_on_monday_morning(self) -> None:
        celery = self.app.extensions["celery"]
        due = celery.conf.beat_schedule["digests"]
        self.assertIn(due["task"], celery.tasks)
        self.assertEqual(due["schedule"], crontab(day_of_week=1, hour=7, minute=0))
        self.assertEqual(str(celery.timezone), "UTC")


class DigestTest(WebTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mock.patch("webapp.digests.now", return_value=TODAY))
        self.send = self.enterContext(mock.patch("webapp.mail.send"))
        self.ada, self.bob = self.user("ada"), self.user("bob")
        self.bob.wants_digest = True
        self.text = self.post(self.ada, "Five > four", created_at=IN_THE_WEEK)

    def sent(self) -> Digest:
        return db.session.scalar(select(Digest).where(Digest.sent_at.is_not(None)))

    def test_who_asked_for_it_is_told_what_is_new(self) -> None:
        self.post(self.ada, "Older", created_at=datetime(2026, 11, 15, 23, 59, tzinfo=UTC))
        self.post(self.ada, "Newer", created_at=datetime(2026, 11, 23, tzinfo=UTC))
        self.assertEqual(send_digests(), 1)
        ((recipient, subject, text),) = (call.args for call in self.send.call_args_list)
        self.assertEqual((recipient, subject), ("bob@example.org", "1 new post on Slipway"))
        self.assertIn("New in the week of 16 November 2026:\n\nFive > four, by ada\nIn short.\n", text)
        self.assertNotRegex(text, "Older|Newer|http")

    def test_links_lead_to_where_the_site_is(self) -> None:
        self.app.config.update(SERVER_NAME="blog.example.org", PREFERRED_URL_SCHEME="https")
        send_digests()
        text = self.send.call_args.args[2]
        self.assertIn(f"\nhttps://blog.example.org/posts/{self.text.id}\n", text)
        self.assertIn("https://blog.example.org/account.\n", text)

    def test_it_is_sent_once_however_often_it_is_asked_for(self) -> None:
        for _ in range(2):
            send_digests()
            send_digest.run(self.bob.id, WEEK)
        self.assertEqual(self.send.call_count, 1)
        self.assertEqual((self.sent().user, self.sent().week), (self.bob, WEEK))

    def test_nothing_new_is_no_news(self) -> None:
        db.session.delete(self.text)
        db.session.commit()
        self.assertEqual(send_digests(), 0)
        send_digest.run(self.bob.id, WEEK)
        self.send.assert_not_called()

    def test_who_has_changed_their_mind_is_left_alone(self) -> None:
        for user_id in (self.ada.id, 99):
            send_digest.run(user_id, WEEK)
        self.send.assert_not_called()

    def test_a_worker_tries_again_later(self) -> None:
        self.send.side_effect = ConnectionRefusedError()
        retry = self.enterContext(mock.patch.object(send_digest, "retry", return_value=Retry()))
        with self.assertRaises(Retry):
            send_digest.run(self.bob.id, WEEK)
        self.assertEqual(retry.call_args.kwargs["countdown"], 30)
        db.session.rollback()
        self.send.side_effect = None
        send_digest.run(self.bob.id, WEEK)
        self.assertIsNotNone(self.sent())


class DigestCommandTest(FileTestCase):
    def test_says_how_many_there_are(self) -> None:
        result = self.app.test_cli_runner().invoke(args=["digest"])
        self.assertEqual(result.exit_code, 0, result.output)
        self.assertIn("Digests on their way: 0.", result.output)

    def test_says_that_the_broker_is_away(self) -> None:
        with (
            mock.patch("webapp.tasks.digests.wanted", return_value=[1]),
            mock.patch("webapp.tasks.send_digest.delay", side_effect=OperationalError("refused")),
        ):
            result = self.app.test_cli_runner().invoke(args=["digest"])
        self.assertEqual(result.exit_code, 1)
        self.assertIn("No broker to take the digests: refused", result.output)
