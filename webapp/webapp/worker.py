# SPDX-License-Identifier: GPL-3.0-or-later
"""Celery, bound to the application as Flask's documentation has it."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from flask import Flask

#: Seconds. Where the broker is told to confirm what it takes, one that is full never does.
CONFIRM_TIMEOUT = 2


def init_app(app: Flask) -> Celery:
    """Make a Celery application whose tasks run in this application's context."""

    class FlaskTask(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

        def apply_async(self, *args: Any, **options: Any) -> Any:
            options.setdefault("confirm_timeout", CONFIRM_TIMEOUT)
            return super().apply_async(*args, **options)

    celery = Celery(app.name, task_cls=FlaskTask)
    celery.config_from_object(app.config["CELERY"])
    celery.set_default()
    app.extensions["celery"] = celery
    return celery
