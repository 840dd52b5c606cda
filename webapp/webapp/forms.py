# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms, and what they accept."""

from __future__ import annotations

import re

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, InputRequired, Length, Regexp, ValidationError

MOST_TAGS = 5


def one_line(value: str | None) -> str:
    """Text without line breaks or needless blanks: titles go into mail headers."""
    return " ".join((value or "").split())


def lower(value: str | None) -> str:
    return one_line(value).lower()


def strip(value: str | None) -> str:
    return (value or "").strip()


def tag_names(value: str | None) -> list[str]:
    """The tags in "Zero downtime, nginx": each once, as they stand in a URL."""
    slugs = (re.sub(r"[\W_]+", "-", name.lower()).strip("-") for name in (value or "").split(","))
    return list(dict.fromkeys(slug for slug in slugs if slug))


class LoginForm(FlaskForm):
    name = StringField("Name", [DataRequired()], [lower])
    password = PasswordField("Password", [InputRequired(), Length(max=200)])
    remember = BooleanField("Stay signed in on this device")


class RegisterForm(FlaskForm):
    name = StringField(
        "Name",
        [
            DataRequired(),
            Length(2, 30),
            Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", message="Letters, digits and single hyphens only."),
        ],
        [lower],
        description="Shown beside what you write.",
    )
    email = EmailField(
        "Email",
        [DataRequired(), Length(max=254), Email()],
        [lower],
        description="For news about comments on your posts, and what else you ask for. Nobody sees it.",
    )
    password = PasswordField("Password", [InputRequired(), Length(10, 200)], description="At least 10 characters.")


class PostForm(FlaskForm):
    title = StringField("Title", [DataRequired(), Length(max=120)], [one_line])
    summary = StringField(
        "Summary",
        [Length(max=300)],
        [one_line],
        description="One sentence for the front page. Empty: the first paragraph.",
    )
    body = TextAreaField("Text", [DataRequired(), Length(max=50_000)], [strip], description="Markdown.")
    tags = StringField("Tags", description=f"Up to {MOST_TAGS}, separated by commas.")

    def validate_tags(self, field: StringField) -> None:
        names = tag_names(field.data)
        if len(names) > MOST_TAGS:
            raise ValidationError(f"At most {MOST_TAGS} tags.")
        if any(len(name) > 30 for name in names):
            raise ValidationError("A tag has at most 30 characters.")


class MailForm(FlaskForm):
    wants_digest = BooleanField("Once a week, what is new on the blog")


class TokenForm(FlaskForm):
    name = StringField(
        "Name of a new token",
        [DataRequired(), Length(max=50)],
        [one_line],
        description="What it is for, so that you know it again.",
    )


class CommentForm(FlaskForm):
    body = TextAreaField("Your comment", [DataRequired(), Length(max=5000)], [strip])
