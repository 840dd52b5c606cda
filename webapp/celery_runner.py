# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Celery worker runs: ``celery -A celery_runner worker``."""

from __future__ import annotations

import os

from flask.logging import default_handler

from webapp import create_app

flask_app = create_app(os.environ.get("WEBAPP_CONFIG", "webapp.config.ProdConfig"))
# Celery writes the log of a worker; Flask's handler would write all of it a second time.
flask_app.logger.removeHandler(default_handler)

celery = flask_app.extensions["celery"]
