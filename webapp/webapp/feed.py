# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest posts as an Atom feed."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from webapp.database import db
from webapp.models import newest_posts

bp = Blueprint("feed", __name__)


@bp.get("/feed.xml")
def atom() -> ResponseReturnValue:
    """Twenty posts are more than any reader missed."""
    posts = db.session.scalars(newest_posts().limit(20)).all()
    response = make_response(render_template("feed.xml", posts=posts))
    response.content_type = "application/atom+xml; charset=utf-8"
    return response
