# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing for programs: JSON, with a token, by the rules of the forms."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, abort, g, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from webapp import tokens
from webapp.api import comment_json, whole_post_json
from webapp.comments import notify
from webapp.database import db
from webapp.errors import InvalidFields
from webapp.forms import CommentForm, PostForm
from webapp.models import Comment, Post, now
from webapp.security import csrf
from webapp.writing import fill, own_post, values_of

Form = TypeVar("Form", bound=FlaskForm)

bp = Blueprint("api_writing", __name__, url_prefix="/api")
bp.before_request(tokens.require)
# What comes without a token is refused, and no browser adds one for another site.
csrf.exempt(bp)


def sent_object() -> dict[str, Any]:
    """The JSON object in the body."""
    try:
        body = request.get_json()
    except RecursionError:
        abort(400, "The body is nested too deeply.")
    if not isinstance(body, dict):
        abort(422, "The body has to be a JSON object.")
    return body


def as_sent(name: str, value: Any) -> str:
    """A value as a form would have sent it; raises ValueError when no form could."""
    if name == "tags" and isinstance(value, list) and all(isinstance(tag, str) for tag in value):
        value = ", ".join(value)
    if not isinstance(value, str):
        raise ValueError("This has to be a list of texts." if name == "tags" else "This has to be a text.")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("This has characters that no database keeps.")
    return value


def accept(kind: type[Form], **before: str) -> Form:
    """The form that the body makes of what was before; refused unless it is valid."""
    form = kind(None, meta={"csrf": False})
    sent, wrong = MultiDict(before), {}
    for name, value in sent_object().items():
        try:
            if name not in form:
                raise ValueError("There is no such field.")
            sent[name] = as_sent(name, value)
        except ValueError as error:
            wrong[name] = [str(error)]
    form.process(sent)
    if not form.validate() or wrong:
        raise InvalidFields(form.errors | wrong)
    return form


@bp.post("/posts")
def create_post() -> ResponseReturnValue:
    """Write a post."""
    post = Post(author_id=g.user.id)
    fill(post, accept(PostForm))
    db.session.add(post)
    db.session.commit()
    body = whole_post_json(post)
    return body, 201, {"Location": body["url"]}


@bp.patch("/posts/<id:post_id>")
def change_post(post_id: int) -> ResponseReturnValue:
    """Change those fields of a post of one's own that are sent."""
    post = own_post(post_id, g.user)
    fill(post, accept(PostForm, **values_of(post)))
    post.updated_at = now()
    db.session.commit()
    return whole_post_json(post)


@bp.delete("/posts/<id:post_id>")
def delete_post(post_id: int) -> ResponseReturnValue:
    """Delete a post of one's own, and with it its comments."""
    db.session.delete(own_post(post_id, g.user))
    db.session.commit()
    return "", 204


@bp.post("/posts/<id:post_id>/comments")
def create_comment(post_id: int) -> ResponseReturnValue:
    """Comment on a post."""
    post = db.get_or_404(Post, post_id)
    comment = Comment(body=accept(CommentForm).body.data, post_id=post_id, author_id=g.user.id)
    db.session.add(comment)
    db.session.commit()
    notify(post, comment)
    body = comment_json(comment)
    return body, 201, {"Location": body["url"]}
