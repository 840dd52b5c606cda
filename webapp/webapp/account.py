# SPDX-License-Identifier: GPL-3.0-or-later
"""What users decide about their own account: mail, and the programs that write for them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp import tokens
from webapp.database import db
from webapp.forms import MailForm, TokenForm
from webapp.models import ApiToken

bp = Blueprint("account", __name__, url_prefix="/account")


def page(form: TokenForm, token: str | None = None) -> str:
    return render_template("account/show.html", mail=MailForm(None, obj=current_user), form=form, token=token)


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """The account as it is."""
    return page(TokenForm())


@bp.post("/mail")
@login_required
def choose_mail() -> ResponseReturnValue:
    """Choose which mail one gets."""
    form = MailForm()
    if form.validate_on_submit():
        current_user.wants_digest = form.wants_digest.data
        db.session.commit()
        flash("Saved.")
    return redirect(url_for("account.show"))


@bp.post("/tokens")
@login_required
def make_token() -> ResponseReturnValue:
    """Make a token, and show it this once: in the page itself, for a session can be read in its cookie."""
    form, token = TokenForm(), None
    if form.validate_on_submit():
        try:
            token = tokens.make(current_user, form.name.data)
        except IntegrityError:  # asking first would leave a gap in which there can be one
            db.session.rollback()
            form.name.errors = ["You have a token of this name already."]
        else:
            form = TokenForm(None)
    return page(form, token), {"Cache-Control": "no-store"}


@bp.post("/tokens/<id:token_id>/revoke")
@login_required
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Make a token of one's own useless."""
    token = db.first_or_404(select(ApiToken).filter_by(id=token_id, user_id=current_user.id))
    db.session.delete(token)
    db.session.commit()
    flash(f"“{token.name}” is revoked.")
    return redirect(url_for("account.show"))
