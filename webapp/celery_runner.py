# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Celery worker runs: ``celery -A celery_runner worker``."""

from __future__ import annotations

import os

from webapp import create_app

flask_app = create_app(os.environ.get("WEBAPP_CONFIG", "webapp.config.ProdConfig"))
celery = flask_app.extensions["celery"]
