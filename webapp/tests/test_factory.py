# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import runpy
from pathlib import Path
from unittest import mock

from celery import Celery
from flask import Flask, request

from tests.base import WebTestCase
from webapp import create_app
from webapp.config import ConfigError
from webapp.database import db

ROOT = Path(__file__).resolve().parent.parent


class FactoryTest(WebTestCase):
    def production(self, **variables: str) -> Flask:
        variables = {"SECRET_KEY": "s", "DATABASE_URL": "sqlite:///:memory:", **variables}
        with mock.patch.dict(os.environ, variables, clear=True):
            app = create_app("webapp.config.ProdConfig")
        self.addCleanup(self.dispose, app)
        return app

    def test_production_starts_and_is_neither_debugged_nor_tested(self) -> None:
        app = self.production()
        self.assertFalse(app.debug or app.testing)

    def test_production_does_not_start_without_a_secret_key(self) -> None:
        with self.assertRaisesRegex(ConfigError, "SECRET_KEY"):
            self.production(SECRET_KEY="")

    def test_two_applications_do_not_share_a_configuration(self) -> None:
        one, other = self.production(SITE_NAME="One"), self.production(SITE_NAME="Other")
        self.assertEqual((one.config["SITE_NAME"], other.config["SITE_NAME"]), ("One", "Other"))

    def test_the_trusted_proxy_tells_address_and_scheme_but_not_the_host(self) -> None:
        headers = {
            "X-Forwarded-For": "198.51.100.1, 203.0.113.7",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "evil.example",
        }
        app = self.production()
        app.add_url_rule("/seen", view_func=lambda: [request.remote_addr, request.scheme, request.host])
        seen = app.test_client().get("/seen", headers=headers).json
        self.assertEqual(seen, ["203.0.113.7", "https", "localhost"])

    def test_without_a_proxy_its_headers_mean_nothing(self) -> None:
        app = self.production(PROXY_HOPS="0")
        app.add_url_rule("/seen", view_func=lambda: [request.scheme])
        response = app.test_client().get("/seen", headers={"X-Forwarded-Proto": "https"})
        self.assertEqual(response.json, ["http"])

    def test_any_host_is_served_whatever_the_site_is_called(self) -> None:
        app = self.production(SERVER_NAME="blog.example.org")
        self.assertEqual(app.test_client().get("/version", base_url="http://127.0.0.1:8000").status_code, 200)

    def test_an_instance_folder_is_made_for_the_default_database_only(self) -> None:
        folder = self.folder() / "instance"
        with mock.patch.object(Flask, "auto_find_instance_path", return_value=str(folder)):
            self.production()
            self.assertFalse(folder.exists())
            app = self.production(DATABASE_URL="")
        self.assertTrue(folder.exists())
        with app.app_context():
            self.assertEqual(db.engine.url.database, str(folder / "webapp.db"))

    def test_the_entry_points_expose_what_servers_and_workers_look_for(self) -> None:
        variables = {"SECRET_KEY": "s", "DATABASE_URL": "sqlite:///:memory:"}
        with mock.patch.dict(os.environ, variables, clear=True):
            served = runpy.run_path(str(ROOT / "wsgi.py"))
            worker = runpy.run_path(str(ROOT / "celery_runner.py"))
        self.assertIsInstance(served["app"], Flask)
        self.assertIsInstance(worker["celery"], Celery)
        tasks = {f"webapp.tasks.{name}" for name in ("mail_comment", "send_digests", "send_digest")}
        self.assertLessEqual(tasks, set(worker["celery"].tasks))
