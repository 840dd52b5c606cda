# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords, kept as argon2 hashes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from webapp.models import User

#: The hash of an account that nobody can sign in to.
UNUSABLE = "!"


def hasher() -> PasswordHasher:
    return PasswordHasher(**current_app.config["PASSWORD_HASHER"])


def hash_password(password: str) -> str:
    return hasher().hash(password)


def check_password(user: User | None, password: str) -> bool:
    """Whether this is the user's password; renews a hash made with older parameters.

    Without a user it works as long as with one, so that the time an answer takes does
    not tell which names exist.
    """
    if user is None:
        hash_password(password)
        return False
    try:
        hasher().verify(user.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
    if hasher().check_needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return True
