# SPDX-License-Identifier: GPL-3.0-or-later
"""Registering, signing in and signing out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from webapp.database import db
from webapp.forms import LoginForm, RegisterForm
from webapp.models import User
from webapp.passwords import check_password, hash_password
from webapp.security import safe_path

bp = Blueprint("auth", __name__)


def next_page() -> ResponseReturnValue:
    """Where somebody wanted to go before we asked for a name."""
    return redirect(safe_path(request.args.get("next")) or url_for("blog.index"))


@bp.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """Open an account and sign in to it."""
    if current_user.is_authenticated:
        return next_page()
    form = RegisterForm()
    if form.validate_on_submit():
        user = User(
            name=form.name.data,
            email=form.email.data,
            password_hash=hash_password(form.password.data),
        )
        db.session.add(user)
        try:
            db.session.commit()
        except IntegrityError:  # asking first would leave a gap in which it can be taken
            db.session.rollback()
            explain_conflict(form)
        else:
            login_user(user)
            flash(f"Welcome, {user.name}.")
            return next_page()
    return render_template("auth/register.html", form=form)


def explain_conflict(form: RegisterForm) -> None:
    """Say at the field what another account has already."""
    taken = select(User).where(or_(User.name == form.name.data, User.email == form.email.data))
    for user in db.session.scalars(taken):
        if user.name == form.name.data:
            form.name.errors = [*form.name.errors, "This name is taken."]
        if user.email == form.email.data:
            form.email.errors = [*form.email.errors, "This address has an account already."]


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in with name and password."""
    if current_user.is_authenticated:
        return next_page()
    form = LoginForm()
    if form.validate_on_submit():
        user = db.session.scalar(select(User).where(User.name == form.name.data))
        if check_password(user, form.password.data):
            db.session.commit()
            login_user(user, remember=form.remember.data)
            return next_page()
        form.password.errors = ["Name and password do not belong together."]
    return render_template("auth/login.html", form=form)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out; a POST, so that no link or image can do it to somebody."""
    logout_user()
    return redirect(url_for("blog.index"))
