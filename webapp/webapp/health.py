# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deployer and a load balancer ask: is it well, and which release is it?"""

from __future__ import annotations

import os

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Well is who reaches the database and finds a schema in it."""
    try:
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        current_app.logger.exception("The health check cannot use the database")
        revision = None
    if revision is None:
        return {"status": "unwell", "schema": None}, 503, {"Cache-Control": "no-store"}
    return {"status": "ok", "schema": revision}, 200, {"Cache-Control": "no-store"}


@bp.get("/version")
def version() -> ResponseReturnValue:
    """The release that answers; the process, to see which ones a deploy has replaced."""
    config = current_app.config
    body = {"release": config["RELEASE"], "commit": config["COMMIT"], "pid": os.getpid()}
    return body, 200, {"Cache-Control": "no-store"}
