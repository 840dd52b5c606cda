# SPDX-License-Identifier: GPL-3.0-or-later
"""A small blog, built by ``create_app``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import import_string

from webapp import (
    account,
    admin,
    api,
    api_writing,
    auth,
    blog,
    commands,
    comments,
    database,
    errors,
    feed,
    filters,
    health,
    routing,
    security,
    worker,
    writing,
)


def create_app(config: str, overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the application from a configuration class, given by its dotted name.

    The class is instantiated here, so the environment is read when the application is
    created and not when a module happens to be imported.
    """
    app = Flask(__name__)
    app.config.from_object(import_string(config)())
    app.config.from_mapping(overrides or {})
    app.logger.setLevel("INFO")

    if hops := app.config["PROXY_HOPS"]:
        # Host is left alone: the proxies we run behind pass it on unchanged, so that an
        # X-Forwarded-Host could only come from the client.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)

    for module in (database, routing, security, errors, filters, worker, commands):
        module.init_app(app)
    for module in (blog, writing, comments, auth, account, admin, feed, api, api_writing, health):
        app.register_blueprint(module.bp)
    return app
