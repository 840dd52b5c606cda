# SPDX-License-Identifier: GPL-3.0-or-later
"""Demo content: the posts beside this file, their authors and some comments.

A post is a file of headers and text, like a mail. Nobody can sign in as a sample author.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_string
from email.message import Message
from pathlib import Path

from sqlalchemy import select

from webapp.database import db
from webapp.forms import tag_names
from webapp.models import Comment, Post, Tag, User, now
from webapp.passwords import UNUSABLE
from webapp.text import summarize

HERE = Path(__file__).parent


def read_posts() -> list[Message]:
    """The posts in the order of their file names, the oldest first."""
    return [message_from_string(path.read_text("utf-8")) for path in sorted(HERE.glob("*.md"))]


class Cast:
    """Makes every user and tag at the first mention."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.tags: dict[str, Tag] = {}

    def user(self, name: str) -> User:
        if name not in self.users:
            email = f"{name}@example.org"
            self.users[name] = User(name=name, email=email, password_hash=UNUSABLE)
        return self.users[name]

    def tag(self, name: str) -> Tag:
        return self.tags.setdefault(name, Tag(name=name))


def build(source: Message, written: datetime, cast: Cast) -> Post:
    """The post that a file describes, with its comments."""
    body = str(source.get_payload()).strip()
    comments = []
    for number, line in enumerate(source.get_all("Comment", []), start=1):
        author, text = " ".join(line.split()).split(": ", 1)
        said = written + timedelta(hours=3 * number)
        comments.append(Comment(author=cast.user(author), body=text, created_at=said))
    return Post(
        title=source["Title"],
        summary=summarize(body),
        body=body,
        author=cast.user(source["Author"]),
        tags=[cast.tag(name) for name in tag_names(source["Tags"])],
        comments=comments,
        created_at=written,
    )


def add() -> int:
    """Fill an empty blog; answers how many posts it added."""
    if db.session.scalar(select(User.id).limit(1)) is not None:
        return 0
    sources, cast = read_posts(), Cast()
    for age, source in zip(range(len(sources), 0, -1), sources, strict=True):
        db.session.add(build(source, now() - timedelta(days=3 * age), cast))
    db.session.commit()
    return len(sources)
