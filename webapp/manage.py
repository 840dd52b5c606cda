#!/usr/bin/env python
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``python manage.py --help``."""

from __future__ import annotations

import os

from flask import Flask
from flask.cli import FlaskGroup

from webapp import create_app


def app_from_environment() -> Flask:
    return create_app(os.environ.get("WEBAPP_CONFIG", "webapp.config.ProdConfig"))


cli = FlaskGroup(create_app=app_from_environment, help="Manage the blog.")

if __name__ == "__main__":
    cli()
