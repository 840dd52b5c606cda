# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that a request need not wait for."""

from __future__ import annotations

from celery import Task, shared_task
from flask import current_app, render_template

from webapp import mail
from webapp.database import db
from webapp.models import Comment


@shared_task(bind=True, ignore_result=True, max_retries=5)
def mail_comment(self: Task, comment_id: int, link: str) -> None:
    """Tell the author of a post that somebody has commented on it."""
    comment = db.session.get(Comment, comment_id)
    if comment is None:  # deleted before we came to it
        return
    author = comment.post.author
    text = render_template("mail/comment.txt", comment=comment, link=link)
    try:
        mail.send(author.email, f"{comment.author.name} on “{comment.post.title}”", text)
    except OSError as error:
        current_app.logger.warning("Mail about comment %s failed: %s", comment_id, error)
        if not self.request.is_eager:  # inline, somebody is waiting for the page
            raise self.retry(exc=error, countdown=30 * 2**self.request.retries) from error
