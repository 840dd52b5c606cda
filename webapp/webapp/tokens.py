# SPDX-License-Identifier: GPL-3.0-or-later
"""API tokens: how one is made, and in whose name a program comes with one."""

from __future__ import annotations

import secrets
from hashlib import sha256

from flask import g, request
from sqlalchemy import select
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from webapp.database import db
from webapp.models import ApiToken, User, now

#: By this, people and programs that look for leaked secrets know one when they see it.
PREFIX = "blog_"


def digest_of(token: str) -> str:
    """What is kept of a token. Nobody can guess one, so the hash need not be slow, as for passwords."""
    return sha256(token.encode()).hexdigest()


def make(user: User, name: str) -> str:
    """A new token; raises IntegrityError when the user has one of this name."""
    token = PREFIX + secrets.token_urlsafe(32)
    db.session.add(ApiToken(user_id=user.id, name=name, digest=digest_of(token)))
    db.session.commit()
    return token


def presented() -> ApiToken | None:
    """The token that came with the request, if it is one of ours."""
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        return None
    return db.session.scalar(select(ApiToken).filter_by(digest=digest_of(sent.token)))


def require() -> None:
    """Let in who has a token, as ``g.user``. A session does not count: browsers send it along for any site."""
    token = presented()
    if token is None:
        challenge = {"realm": "api"} | ({"error": "invalid_token"} if request.authorization else {})
        raise Unauthorized(
            "Send a token of your account page: Authorization: Bearer TOKEN.",
            www_authenticate=WWWAuthenticate("bearer", challenge),
        )
    g.user = token.user
    token.last_used_at = now()
    db.session.commit()
