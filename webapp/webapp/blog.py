# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that everybody can read."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.database import db
from webapp.forms import CommentForm
from webapp.models import Comment, Post, Tag, User, comments_on, newest_posts, tags_by_use
from webapp.routing import page_of

bp = Blueprint("blog", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """All posts, newest first, and the tags they have."""
    tags = db.session.execute(tags_by_use().limit(12)).all()
    return render_template("blog/index.html", page=page_of(newest_posts()), tags=tags)


@bp.get("/posts/<id:post_id>")
def post(post_id: int) -> ResponseReturnValue:
    """One post with its comments."""
    return render_template(
        "blog/post.html",
        post=db.get_or_404(Post, post_id, options=[joinedload(Post.author)]),
        comments=db.session.scalars(comments_on(post_id)).all(),
        form=CommentForm(),
    )


@bp.get("/posts/<id:post_id>/comments")
def newer_comments(post_id: int) -> ResponseReturnValue:
    """The comments that came after the one that ``after`` names, as they stand in the page."""
    after = min(request.args.get("after", 0, type=int), 2**31 - 1)
    return render_template(
        "blog/comments.html",
        post=db.get_or_404(Post, post_id, options=[joinedload(Post.author)]),
        comments=db.session.scalars(comments_on(post_id).where(Comment.id > after)).all(),
    )


@bp.get("/tags/<name>")
def tag(name: str) -> ResponseReturnValue:
    """The posts under one tag."""
    tag = db.first_or_404(select(Tag).filter_by(name=name))
    page = page_of(newest_posts().where(Post.tags.contains(tag)))
    return render_template("blog/tag.html", tag=tag, page=page)


@bp.get("/users/<name>")
def user(name: str) -> ResponseReturnValue:
    """The posts of one author."""
    user = db.first_or_404(select(User).filter_by(name=name))
    page = page_of(newest_posts().where(Post.author_id == user.id))
    return render_template("blog/user.html", user=user, page=page)
