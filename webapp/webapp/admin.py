# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators see and do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from webapp.database import db
from webapp.digests import monday, week_of
from webapp.models import Comment, Digest, Post, User, newest_posts, now

bp = Blueprint("admin", __name__, url_prefix="/admin")

#: Of users, posts and comments each.
NEWEST = 10


@bp.before_request
def hide() -> None:
    """Nothing here for anybody else: a 403 would tell whose account is worth stealing."""
    if not (current_user.is_authenticated and current_user.is_admin):
        abort(404)


def count(column: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count(column)).where(*conditions))


def numbers() -> dict[str, int]:
    """How much there is, and how much mail has gone out since Monday."""
    start = monday(week_of(now()))
    return {
        "users": count(User.id),
        "posts": count(Post.id),
        "comments": count(Comment.id),
        "comments mailed this week": count(Comment.id, Comment.notified_at >= start),
        "digests mailed this week": count(Digest.id, Digest.sent_at >= start),
    }


def newest_comments() -> Select[Comment]:
    """Comments on all posts, newest first, with what a list shows of them."""
    author, post = joinedload(Comment.author).load_only(User.name), joinedload(Comment.post).load_only(Post.title)
    return select(Comment).options(author, post).order_by(Comment.id.desc())


def done(message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("admin.index"))


@bp.get("")
def index() -> ResponseReturnValue:
    """All of it on one page."""
    return render_template(
        "admin/index.html",
        numbers=numbers(),
        users=db.session.scalars(select(User).order_by(User.id.desc()).limit(NEWEST)).all(),
        comments=db.session.scalars(newest_comments().limit(NEWEST)).all(),
        posts=db.session.scalars(newest_posts().limit(NEWEST)).all(),
    )


@bp.post("/users/<id:user_id>/<any(grant, revoke):what>")
def set_admin(user_id: int, what: str) -> ResponseReturnValue:
    """Make somebody else an administrator, or no longer one. Nobody drops out, so that one is left."""
    user = db.get_or_404(User, user_id)
    if user == current_user:
        return done("Only another administrator can do that to you.")
    user.is_admin = what == "grant"
    db.session.commit()
    return done(f"{user.name} is {'an' if user.is_admin else 'no'} administrator now.")


@bp.post("/comments/<id:comment_id>/delete")
def delete_comment(comment_id: int) -> ResponseReturnValue:
    """Delete anybody's comment."""
    db.session.delete(db.get_or_404(Comment, comment_id))
    db.session.commit()
    return done("Comment deleted.")


@bp.post("/posts/<id:post_id>/delete")
def delete_post(post_id: int) -> ResponseReturnValue:
    """Delete anybody's post, and with it its comments."""
    db.session.delete(db.get_or_404(Post, post_id))
    db.session.commit()
    return done("Post deleted.")
