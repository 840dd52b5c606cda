# SPDX-License-Identifier: GPL-3.0-or-later
"""What an address may say: which row, and which page of a list."""

from __future__ import annotations

from flask import Flask, abort, current_app, request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select
from werkzeug.routing import IntegerConverter, Map

from webapp.database import db
from webapp.models import Post

#: Nobody turns so many pages, and to a database a far page is dear.
LAST_PAGE = 10_000


class IdConverter(IntegerConverter):
    """A number that can be a key: beyond it databases do not answer but fail."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=2**31 - 1)


def page_of(posts: Select[Post]) -> Pagination:
    """The page of posts that the query string asks for with ``page`` and ``per_page``."""
    if request.args.get("page", 1, int) > LAST_PAGE:
        abort(404)
    per_page = request.args.get("per_page", current_app.config["POSTS_PER_PAGE"], int)
    return db.paginate(posts, per_page=per_page, max_per_page=100)


def refuse_nul() -> None:
    """PostgreSQL keeps no NUL characters, and no browser sends any."""
    if "\0" in request.path or any("\0" in value for value in request.form.values()):
        abort(400)


def init_app(app: Flask) -> None:
    app.url_map.converters["id"] = IdConverter
    app.before_request(refuse_nul)
