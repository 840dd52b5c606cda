# SPDX-License-Identifier: GPL-3.0-or-later
"""The blog for programs that read: JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.database import db
from webapp.models import Comment, Post, User, comments_on, newest_posts, tags_by_use
from webapp.routing import page_of
from webapp.text import render

bp = Blueprint("api", __name__, url_prefix="/api")


def post_json(post: Post) -> dict[str, Any]:
    """A post as it stands in a list."""
    return {
        "id": post.id,
        "title": post.title,
        "summary": post.summary,
        "author": post.author.name,
        "tags": [tag.name for tag in post.tags],
        "comment_count": post.comment_count,
        "created_at": post.created_at.isoformat(),
        "updated_at": post.updated_at and post.updated_at.isoformat(),
        "url": url_for("api.post", post_id=post.id, _external=True),
        "html_url": url_for("blog.post", post_id=post.id, _external=True),
    }


def comment_json(comment: Comment) -> dict[str, Any]:
    anchor = f"comment-{comment.id}"
    return {
        "id": comment.id,
        "author": comment.author.name,
        "body": comment.body,
        "created_at": comment.created_at.isoformat(),
        "url": url_for("api.comment", comment_id=comment.id, _external=True),
        "html_url": url_for("blog.post", post_id=comment.post_id, _anchor=anchor, _external=True),
    }


def whole_post_json(post: Post) -> dict[str, Any]:
    """A post with its text and comments."""
    return post_json(post) | {
        "body": post.body,
        "html": render(post.body),
        "comments": [comment_json(comment) for comment in db.session.scalars(comments_on(post.id))],
    }


def page_json(page: Pagination) -> dict[str, Any]:
    """A page of posts, and the way to its neighbours."""

    def link(number: int | None) -> str | None:
        if number is None:
            return None
        return url_for("api.posts", page=number, per_page=page.per_page, _external=True)

    return {
        "items": [post_json(post) for post in page.items],
        "page": page.page,
        "pages": page.pages,
        "per_page": page.per_page,
        "total": page.total,
        "next": link(page.next_num),
        "prev": link(page.prev_num),
    }


@bp.get("/posts")
def posts() -> dict[str, Any]:
    """Posts, newest first; ``page`` and ``per_page`` choose which."""
    return page_json(page_of(newest_posts()))


@bp.get("/posts/<id:post_id>")
def post(post_id: int) -> dict[str, Any]:
    """One post with its text and comments."""
    return whole_post_json(db.get_or_404(Post, post_id, options=[joinedload(Post.author)]))


@bp.get("/comments/<id:comment_id>")
def comment(comment_id: int) -> dict[str, Any]:
    """One comment."""
    return comment_json(db.get_or_404(Comment, comment_id, options=[joinedload(Comment.author)]))


@bp.get("/tags")
def tags() -> dict[str, Any]:
    """Every tag that is in use."""
    rows = db.session.execute(tags_by_use())
    return {"items": [{"name": tag.name, "posts": count} for tag, count in rows]}


@bp.get("/users/<name>")
def user(name: str) -> dict[str, Any]:
    """What everybody may know about a user."""
    user = db.first_or_404(select(User).filter_by(name=name))
    count = select(func.count(Post.id)).where(Post.author_id == user.id)
    return {
        "name": user.name,
        "created_at": user.created_at.isoformat(),
        "posts": db.session.scalar(count),
        "html_url": url_for("blog.user", name=user.name, _external=True),
    }
