# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration: one class for each place the application runs in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from celery.schedules import crontab

from webapp.environment import ConfigError, Environment

NO_SECRET_KEY = (
    "SECRET_KEY is not set, so sessions cannot be signed. Put a long random string into the "
    "environment; this prints one: python -c 'import secrets; print(secrets.token_hex(32))'"
)


def database_url(url: str) -> str:
    """Name the PostgreSQL driver; platforms hand out URLs that leave it open."""
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = "postgresql+psycopg2"
    return scheme + separator + rest


def engine_options(url: str) -> dict[str, Any]:
    """A pool that survives a restarted PostgreSQL and gives up soon on a missing one."""
    if not url.startswith("postgresql"):
        return {}
    return {
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "pool_timeout": 10,
        "connect_args": {"connect_timeout": 5},
    }


def celery_options(broker: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Without a broker tasks run inline; with one, no request waits long for it.

    The settings of the platform are put over ours. Where tasks go is told by the broker alone:
    the same settings may be given to an application that has none.
    """
    return {
        "task_ignore_result": True,
        "task_acks_late": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 2,
        "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0.1},
        # UTC, as long as no setting names another timezone.
        "beat_schedule": {
            "digests": {
                "task": "webapp.tasks.send_digests",
                "schedule": crontab(day_of_week="monday", hour=7, minute=0),
            },
        },
        **settings,
        "broker_url": broker or "memory://",
        "task_always_eager": not broker,
    }


class Config:
    """What every place shares."""

    #: Used when the environment has none; None: there must be one.
    default_secret_key: str | None = None
    default_proxy_hops = 0

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_HTTPONLY = True
    REMEMBER_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_DURATION = timedelta(days=30)
    SEND_FILE_MAX_AGE_DEFAULT = timedelta(hours=1)
    #: A token lives as long as its session: people write long posts slowly.
    WTF_CSRF_TIME_LIMIT = None
    #: The largest form is a post of 50,000 characters, each up to 12 bytes as browsers send it.
    MAX_CONTENT_LENGTH = MAX_FORM_MEMORY_SIZE = 1024 * 1024
    #: Parameters for argon2; empty: what its authors recommend.
    PASSWORD_HASHER: Mapping[str, int] = {}

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        env = Environment(variables)
        self.SECRET_KEY = env.text("SECRET_KEY", self.default_secret_key)
        if not self.SECRET_KEY:
            raise ConfigError(NO_SECRET_KEY)

        self.SITE_NAME = env.text("SITE_NAME", "Slipway")
        self.POSTS_PER_PAGE = env.number("POSTS_PER_PAGE", 8)
        self.RELEASE = env.text("SLIPWAY_RELEASE")
        self.COMMIT = env.text("SLIPWAY_COMMIT")

        # A relative SQLite path is taken from the instance folder, which is made when needed.
        url = database_url(env.text("DATABASE_URL", "sqlite:///webapp.db"))
        self.SQLALCHEMY_DATABASE_URI = url
        self.SQLALCHEMY_ENGINE_OPTIONS = engine_options(url)

        self.PREFERRED_URL_SCHEME = env.text("PREFERRED_URL_SCHEME", "http")
        # A worker knows no request that could tell how the site is called.
        self.SERVER_NAME = env.text("SERVER_NAME")
        https = self.PREFERRED_URL_SCHEME == "https"
        self.SESSION_COOKIE_SECURE = env.flag("SESSION_COOKIE_SECURE", https)
        self.REMEMBER_COOKIE_SECURE = self.SESSION_COOKIE_SECURE
        self.PROXY_HOPS = env.number("PROXY_HOPS", self.default_proxy_hops)

        broker = env.text("CELERY_BROKER_URL") or env.text("CLOUDAMQP_URL")
        self.CELERY = celery_options(broker, env.mapping("CELERY_SETTINGS"))
        self.MAIL_SERVER = env.text("MAIL_SERVER")
        self.MAIL_PORT = env.number("MAIL_PORT", 25)
        self.MAIL_USE_TLS = env.flag("MAIL_USE_TLS", False)
        self.MAIL_USERNAME = env.text("MAIL_USERNAME")
        self.MAIL_PASSWORD = env.text("MAIL_PASSWORD")
        self.MAIL_SENDER = env.text("MAIL_SENDER", "blog@localhost")


class ProdConfig(Config):
    """Served to the world, behind one proxy unless told otherwise."""

    default_proxy_hops = 1


class DevConfig(Config):
    """On a developer's machine: works with an empty environment."""

    default_secret_key = "dev"
    SEND_FILE_MAX_AGE_DEFAULT = None


class TestConfig(Config):
    """For the tests: all in memory, and nothing taken from the environment."""

    TESTING = True
    WTF_CSRF_ENABLED = False
    PASSWORD_HASHER = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
    default_secret_key = "test"

    def __init__(self) -> None:
        super().__init__({"DATABASE_URL": "sqlite:///:memory:"})
