# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import time
from unittest import mock

from kombu.exceptions import OperationalError

from tests.base import WebTestCase
from webapp.config import celery_options
from webapp.tasks import mail_comment
from webapp.worker import CONFIRM_TIMEOUT

#: As a platform with RabbitMQ hands them out.
SETTINGS = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "task_default_queue_type": "quorum",
    "task_default_exchange_type": "topic",
    "worker_detect_quorum_queues": True,
    "broker_transport_options": {"confirm_publish": True},
    "task_time_limit": 300,
    "task_soft_time_limit": 270,
    "broker_use_ssl": {"ca_certs": "/nowhere/ca.pem"},
}


class InlineTest(WebTestCase):
    overrides = {"CELERY": celery_options(None, SETTINGS)}

    def test_without_a_broker_settings_for_one_do_no_harm(self) -> None:
        self.assertTrue(mail_comment.delay(99, "http://localhost/").successful())


class BrokerTest(WebTestCase):
    overrides = {"CELERY": celery_options("memory://", {})}

    def test_nobody_waits_for_ever_for_a_broker_to_confirm(self) -> None:
        with mock.patch("kombu.messaging.Producer.publish") as publish:
            mail_comment.delay(99, "http://localhost/")
        self.assertEqual(publish.call_args.kwargs["confirm_timeout"], CONFIRM_TIMEOUT)


class NoBrokerTest(WebTestCase):
    def make_app(self, **overrides: object):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {**SETTINGS, "broker_use_ssl": False}
        overrides["CELERY"] = celery_options(f"amqp://u:p@127.0.0.1:{port}//", settings)
        return super().make_app(**overrides)

    def test_nobody_waits_long_for_a_broker_that_is_away(self) -> None:
        before = time.monotonic()
        with self.assertRaises(OperationalError):
            mail_comment.delay(99, "http://localhost/")
        self.assertLess(time.monotonic() - before, 5)
