# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import unittest
from unittest import mock

from webapp.config import DevConfig, ProdConfig, TestConfig, database_url
from webapp.environment import ConfigError, Environment


def prod(**variables: str) -> ProdConfig:
    return ProdConfig({"SECRET_KEY": "s", **variables})


class EnvironmentTest(unittest.TestCase):
    def test_an_empty_variable_counts_as_not_set(self) -> None:
        env = Environment({"NAME": " ", "PORT": "", "TLS": ""})
        self.assertEqual(env.text("NAME", "default"), "default")
        self.assertEqual(env.number("PORT", 25), 25)
        self.assertTrue(env.flag("TLS", True))

    def test_flags_are_read_as_people_write_them(self) -> None:
        for word in ("1", "true", "YES", "on"):
            self.assertTrue(Environment({"X": word}).flag("X", False), word)
        for word in ("0", "False", "no", "off"):
            self.assertFalse(Environment({"X": word}).flag("X", True), word)

    def test_nonsense_is_refused_by_name(self) -> None:
        with self.assertRaisesRegex(ConfigError, "MAIL_PORT is 'smtp'"):
            Environment({"MAIL_PORT": "smtp"}).number("MAIL_PORT", 25)
        with self.assertRaisesRegex(ConfigError, "MAIL_USE_TLS is 'maybe'"):
            Environment({"MAIL_USE_TLS": "maybe"}).flag("MAIL_USE_TLS", False)

    def test_an_object_is_read_as_json(self) -> None:
        self.assertEqual(Environment({"X": '{"a": [1, true]}'}).mapping("X"), {"a": [1, True]})
        self.assertEqual(Environment({"X": ""}).mapping("X"), {})

    def test_what_is_no_object_is_refused_by_name_and_not_repeated(self) -> None:
        for text in ('{"password": "hunter2"', '["hunter2"]', '"hunter2"', "hunter2"):
            with self.assertRaisesRegex(ConfigError, "CELERY_SETTINGS") as refused:
                Environment({"CELERY_SETTINGS": text}).mapping("CELERY_SETTINGS")
            self.assertNotIn("hunter2", str(refused.exception))


class ConfigTest(unittest.TestCase):
    def test_production_refuses_to_start_without_a_secret_key(self) -> None:
        for variables in ({}, {"SECRET_KEY": ""}):
            with self.assertRaisesRegex(ConfigError, "SECRET_KEY is not set"):
                ProdConfig(variables)

    def test_development_needs_no_environment(self) -> None:
        self.assertEqual(DevConfig({}).SECRET_KEY, "dev")

    def test_the_environment_is_read_when_the_class_is_instantiated(self) -> None:
        with mock.patch.dict(os.environ, {"SECRET_KEY": "first"}):
            self.assertEqual(DevConfig(os.environ).SECRET_KEY, "first")
            os.environ["SECRET_KEY"] = "second"
            self.assertEqual(DevConfig().SECRET_KEY, "second")

    def test_tests_take_nothing_from_the_environment(self) -> None:
        with mock.patch.dict(os.environ, {"DATABASE_URL": "postgres://prod/blog"}):
            self.assertEqual(TestConfig().SQLALCHEMY_DATABASE_URI, "sqlite:///:memory:")

    def test_every_spelling_of_postgresql_gets_the_driver(self) -> None:
        wanted = "postgresql+psycopg2://u:p@host/db"
        for scheme in ("postgres", "postgresql", "postgresql+psycopg2"):
            self.assertEqual(database_url(f"{scheme}://u:p@host/db"), wanted)
        self.assertEqual(database_url("sqlite:////tmp/x.db"), "sqlite:////tmp/x.db")

    def test_only_postgresql_gets_a_pool_that_asks_first(self) -> None:
        options = prod(DATABASE_URL="postgres://h/d").SQLALCHEMY_ENGINE_OPTIONS
        self.assertTrue(options["pool_pre_ping"])
        self.assertEqual(prod().SQLALCHEMY_ENGINE_OPTIONS, {})

    def test_cookies_are_secure_where_the_site_is_https(self) -> None:
        self.assertFalse(prod().SESSION_COOKIE_SECURE)
        self.assertTrue(prod(PREFERRED_URL_SCHEME="https").SESSION_COOKIE_SECURE)
        self.assertTrue(prod(SESSION_COOKIE_SECURE="1").REMEMBER_COOKIE_SECURE)
        both = prod(PREFERRED_URL_SCHEME="https", SESSION_COOKIE_SECURE="0")
        self.assertFalse(both.SESSION_COOKIE_SECURE)

    def test_without_a_broker_tasks_run_inline(self) -> None:
        self.assertTrue(prod().CELERY["task_always_eager"])

    def test_either_variable_names_the_broker(self) -> None:
        for name in ("CELERY_BROKER_URL", "CLOUDAMQP_URL"):
            celery = prod(**{name: "amqp://broker//"}).CELERY
            self.assertEqual(celery["broker_url"], "amqp://broker//")
            self.assertFalse(celery["task_always_eager"])

    def test_settings_of_the_platform_are_put_over_ours(self) -> None:
        settings = '{"task_acks_late": false, "broker_transport_options": {"confirm_publish": true}}'
        celery = prod(CELERY_BROKER_URL="amqp://broker//", CELERY_SETTINGS=settings).CELERY
        self.assertFalse(celery["task_acks_late"])
        self.assertEqual(celery["broker_transport_options"], {"confirm_publish": True})
        self.assertTrue(celery["task_ignore_result"])

    def test_settings_do_not_say_where_tasks_go(self) -> None:
        celery = prod(CELERY_SETTINGS='{"task_always_eager": false, "broker_url": "amqp://elsewhere//"}').CELERY
        self.assertEqual((celery["task_always_eager"], celery["broker_url"]), (True, "memory://"))

    def test_settings_that_are_not_json_are_refused(self) -> None:
        with self.assertRaisesRegex(ConfigError, "CELERY_SETTINGS is not valid JSON"):
            prod(CELERY_SETTINGS="{")

    def test_production_trusts_one_proxy(self) -> None:
        self.assertEqual(prod().PROXY_HOPS, 1)
        self.assertEqual(prod(PROXY_HOPS="0").PROXY_HOPS, 0)
        self.assertEqual(DevConfig({}).PROXY_HOPS, 0)
