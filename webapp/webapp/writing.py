# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing, changing and deleting posts."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy import select

from webapp.database import db
from webapp.forms import PostForm, tag_names
from webapp.models import Post, Tag, User, now
from webapp.text import summarize

bp = Blueprint("writing", __name__, url_prefix="/posts")


def own_post(post_id: int, user: User) -> Post:
    """The post, if it exists and was written by who asks."""
    post = db.get_or_404(Post, post_id)
    if post.author_id != user.id:
        abort(403)
    return post


def find_tags(names: list[str]) -> list[Tag]:
    """The tags of these names; those that are new are made."""
    known = {tag.name: tag for tag in db.session.scalars(select(Tag).where(Tag.name.in_(names)))}
    return [known.get(name) or Tag(name=name) for name in names]


def values_of(post: Post) -> dict[str, str]:
    """What the form of a post holds before somebody changes it."""
    tags = ", ".join(tag.name for tag in post.tags)
    return {"title": post.title, "summary": post.summary, "body": post.body, "tags": tags}


def fill(post: Post, form: PostForm) -> None:
    """Copy a valid form into the post."""
    post.title = form.title.data
    post.body = form.body.data
    post.summary = form.summary.data or summarize(post.body) or post.title
    post.tags = find_tags(tag_names(form.tags.data))


@bp.route("/new", methods=["GET", "POST"])
@login_required
def create() -> ResponseReturnValue:
    """Write a post."""
    form = PostForm()
    if form.validate_on_submit():
        post = Post(author_id=current_user.id)
        fill(post, form)
        db.session.add(post)
        db.session.commit()
        flash("Published.")
        return redirect(url_for("blog.post", post_id=post.id))
    return render_template("blog/edit.html", form=form, post=None)


@bp.route("/<id:post_id>/edit", methods=["GET", "POST"])
@login_required
def edit(post_id: int) -> ResponseReturnValue:
    """Change a post of one's own."""
    post = own_post(post_id, current_user)
    form = PostForm(**values_of(post))
    if form.validate_on_submit():
        fill(post, form)
        post.updated_at = now()
        db.session.commit()
        flash("Saved.")
        return redirect(url_for("blog.post", post_id=post.id))
    return render_template("blog/edit.html", form=form, post=post)


@bp.post("/<id:post_id>/delete")
@login_required
def delete(post_id: int) -> ResponseReturnValue:
    """Delete a post of one's own, and with it its comments."""
    db.session.delete(own_post(post_id, current_user))
    db.session.commit()
    flash("Deleted.")
    return redirect(url_for("blog.index"))
