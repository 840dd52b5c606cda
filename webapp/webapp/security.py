# SPDX-License-Identifier: GPL-3.0-or-later
"""CSRF tokens, sign-in and the response headers that tell browsers to be careful."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect

from webapp.database import db
from webapp.models import User

csrf = CSRFProtect()
login_manager = LoginManager()
login_manager.login_view = "auth.login"
login_manager.login_message = "Please sign in first."

#: Everything comes from here. The only script is a file of ours; pages work without it.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


def set_headers(response: Response) -> Response:
    """Add the headers, leaving alone what a view has said itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # Only where the operator says that the site is HTTPS for good: browsers remember it.
    if request.is_secure and current_app.config["PREFERRED_URL_SCHEME"] == "https":
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def safe_path(target: str | None) -> str | None:
    """The target, if it leads to a page of this site and nowhere else."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    # Browsers read a backslash as a slash, and drop control characters.
    if "\\" in target or not target.isprintable() or urlsplit(target).netloc:
        return None
    return target


def init_app(app: Flask) -> None:
    """Protect every form and every response."""
    csrf.init_app(app)
    # The extension would load the user for every page, even for the one that says that the
    # database is away. As a global it is looked up by the pages that name it.
    login_manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    app.after_request(set_headers)
