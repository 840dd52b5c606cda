# SPDX-License-Identifier: GPL-3.0-or-later
"""Commenting on posts."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from kombu.exceptions import OperationalError

from webapp.database import db
from webapp.forms import CommentForm
from webapp.models import Comment, Post
from webapp.tasks import mail_comment

bp = Blueprint("comments", __name__)


def notify(post: Post, comment: Comment) -> None:
    """Have a mail sent to the author; the comment stands whether that works or not."""
    if comment.author_id == post.author_id:
        return
    # The worker knows no request, so it cannot tell by which name the site is called.
    link = url_for("blog.post", post_id=post.id, _anchor=f"comment-{comment.id}", _external=True)
    try:
        mail_comment.delay(comment.id, link)
    except OperationalError:
        current_app.logger.exception("No broker to take the mail about comment %s", comment.id)


@bp.post("/posts/<id:post_id>/comments")
@login_required
def create(post_id: int) -> ResponseReturnValue:
    """Comment on a post."""
    post = db.get_or_404(Post, post_id)
    form = CommentForm()
    if not form.validate_on_submit():
        flash("A comment has between 1 and 5000 characters.")
        return redirect(url_for("blog.post", post_id=post_id, _anchor="comments"))
    comment = Comment(body=form.body.data, post_id=post_id, author_id=current_user.id)
    db.session.add(comment)
    db.session.commit()
    notify(post, comment)
    return redirect(url_for("blog.post", post_id=post_id, _anchor=f"comment-{comment.id}"))


@bp.post("/comments/<id:comment_id>/delete")
@login_required
def delete(comment_id: int) -> ResponseReturnValue:
    """Delete one's own comment, or one on one's own post."""
    comment = db.get_or_404(Comment, comment_id)
    if current_user.id not in {comment.author_id, comment.post.author_id}:
        abort(403)
    db.session.delete(comment)
    db.session.commit()
    flash("Comment deleted.")
    return redirect(url_for("blog.post", post_id=comment.post_id, _anchor="comments"))
