# SPDX-License-Identifier: GPL-3.0-or-later
"""What a digest is about, and the promise that nobody gets it twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from webapp.database import db
from webapp.models import Digest, Post, User, newest_posts, now


def week_of(moment: datetime) -> str:
    """The week, as in ISO 8601: 2026-W47."""
    return f"{moment.astimezone(UTC):%G-W%V}"


def last_week() -> str:
    """The last week that is over."""
    return week_of(now() - timedelta(weeks=1))


def monday(week: str) -> datetime:
    """When a week begins."""
    return datetime.combine(date.fromisoformat(week), time(), UTC)


def posts_of(week: str) -> Select[Post]:
    """The posts of a week, newest first."""
    start = monday(week)
    return newest_posts().where(Post.created_at >= start, Post.created_at < start + timedelta(weeks=1))


def claim(user_id: int, week: str) -> Digest | None:
    """The digest, which nobody else gets before our transaction ends; None when the user is gone."""
    try:
        db.session.add(Digest(user_id=user_id, week=week))
        db.session.commit()
    except IntegrityError:  # asking first would leave a gap in which another task can add it
        db.session.rollback()
    return db.session.scalar(select(Digest).filter_by(user_id=user_id, week=week).with_for_update())


def wanted(week: str) -> Sequence[int]:
    """Who is to get a digest of this week: nobody, when nothing was written."""
    if db.session.scalar(posts_of(week).limit(1)) is None:
        return []
    return db.session.scalars(select(User.id).where(User.wants_digest)).all()
