# SPDX-License-Identifier: GPL-3.0-or-later
"""What users decide about their own account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from webapp.database import db
from webapp.forms import MailForm

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """The settings as they are."""
    return render_template("account/show.html", mail_form=MailForm(obj=current_user))


@bp.post("/mail")
@login_required
def mail() -> ResponseReturnValue:
    """Choose which mail one gets."""
    form = MailForm()
    if form.validate_on_submit():
        current_user.wants_digest = form.wants_digest.data
        db.session.commit()
        flash("Saved.")
    return redirect(url_for("account.show"))
