# SPDX-License-Identifier: GPL-3.0-or-later
"""What people and programs get to see when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, UnprocessableEntity

MESSAGES = {
    400: ("That did not arrive in one piece", "Go back, reload the page and try again."),
    403: ("That is not yours", "Only the author can change this."),
    404: ("Nothing here", "The page may have moved, or it never was."),
    500: ("Something broke", "It is our fault, and it is in the log. Please try again soon."),
}


class InvalidFields(UnprocessableEntity):
    """What a program sent, and what the forms say about each field of it."""

    description = "Some fields are not what they have to be."

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self.fields = fields


def show(error: HTTPException) -> ResponseReturnValue:
    """JSON under /api, a page everywhere else."""
    if error.response is not None:
        return error.response
    code = error.code or 500
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    if request.path.startswith("/api/"):
        more = {"fields": error.fields} if isinstance(error, InvalidFields) else {}
        return jsonify(status=code, error=error.name, detail=error.description, **more), code, headers
    title, text = MESSAGES.get(code, (error.name, error.description))
    if isinstance(error, CSRFError):
        title, text = "The form has expired", MESSAGES[400][1]
    return render_template("error.html", code=code, title=title, text=text), code, headers


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show)
