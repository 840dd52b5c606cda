# SPDX-License-Identifier: GPL-3.0-or-later
"""What the templates can do to a value."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from webapp.text import render


def day(moment: datetime) -> str:
    """A date as people write it: 3 May 2026."""
    return f"{moment.day} {moment:%B %Y}"


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(day=day, markdown=render)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
