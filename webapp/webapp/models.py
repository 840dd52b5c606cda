# SPDX-License-Identifier: GPL-3.0-or-later
"""What the blog is made of: users and their API tokens, posts, tags, comments, and digests that were sent."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_login import UserMixin
from sqlalchemy import (
    Column,
    ForeignKey,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    select,
)
from sqlalchemy.orm import Mapped, column_property, defer, joinedload, mapped_column, relationship, selectinload

from webapp.database import UTCDateTime, db


def now() -> datetime:
    return datetime.now(UTC)


post_tags = Table(
    "post_tags",
    db.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    # The primary key serves the way from posts to tags, this index the way back.
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class User(UserMixin, db.Model):
    """Somebody who can sign in, write posts and comment."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    # The database knows these defaults too: while a release is replaced, the one before it adds users.
    is_admin: Mapped[bool] = mapped_column(default=False, server_default=false())
    wants_digest: Mapped[bool] = mapped_column(default=False, server_default=false())

    posts: Mapped[list[Post]] = relationship(back_populates="author", passive_deletes=True)
    tokens: Mapped[list[ApiToken]] = relationship(
        back_populates="user", order_by="ApiToken.created_at", passive_deletes=True
    )


class ApiToken(db.Model):
    """Lets a program write in the name of a user."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    #: SHA-256 of the token, which itself is kept nowhere.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))

    user: Mapped[User] = relationship(back_populates="tokens")


class Digest(db.Model):
    """The mail about one week to one user. The row comes before the mail, so that there is one only."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("user_id", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: As in ISO 8601: 2026-W48.
    week: Mapped[str] = mapped_column(String(8))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))

    user: Mapped[User] = relationship()


class Tag(db.Model):
    """A word that gathers posts."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)

    posts: Mapped[list[Post]] = relationship(secondary=post_tags, back_populates="tags")


class Comment(db.Model):
    """An answer to a post."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: When the author of the post was told.
    notified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    post: Mapped[Post] = relationship(back_populates="comments")
    author: Mapped[User] = relationship()


class Post(db.Model):
    """A piece of writing, in Markdown."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    #: Shown in lists, so that no list has to render a body.
    summary: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    author: Mapped[User] = relationship(back_populates="posts")
    tags: Mapped[list[Tag]] = relationship(secondary=post_tags, back_populates="posts", order_by=Tag.name)
    comments: Mapped[list[Comment]] = relationship(back_populates="post", order_by=Comment.id, passive_deletes=True)
    comment_count: Mapped[int] = column_property(
        select(func.count(Comment.id)).where(Comment.post_id == id).correlate_except(Comment).scalar_subquery()
    )


def newest_posts() -> Select[Post]:
    """Posts for a list, newest first, with all that a list shows and without bodies."""
    return (
        select(Post)
        .options(
            joinedload(Post.author).load_only(User.name),
            selectinload(Post.tags),
            defer(Post.body),
        )
        .order_by(Post.created_at.desc(), Post.id.desc())
    )


def comments_on(post_id: int) -> Select[Comment]:
    """The comments on a post, oldest first, with their authors."""
    return (
        select(Comment)
        .options(joinedload(Comment.author).load_only(User.name))
        .where(Comment.post_id == post_id)
        .order_by(Comment.id)
    )


def tags_by_use() -> Select[Tag, int]:
    """Every tag that has posts, with their number, the most used first."""
    count = func.count(post_tags.c.post_id)
    return select(Tag, count).join(post_tags).group_by(Tag.id).order_by(count.desc(), Tag.name)
