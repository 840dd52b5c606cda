# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that a request need not wait for.

A broker hands a task out again when a worker is lost on the way, so each may run twice. What was
sent is written down beside what it was about, and until then nobody else gets that row.
"""

from __future__ import annotations

from celery import Task, shared_task
from flask import current_app, render_template

from webapp import digests, mail
from webapp.database import db
from webapp.models import Comment, now


def deliver(task: Task, about: str, recipient: str, subject: str, text: str) -> bool:
    """Send a mail for a task; a worker tries again later when that fails."""
    try:
        mail.send(recipient, subject, text)
    except OSError as error:
        current_app.logger.warning("Mail about %s failed: %s", about, error)
        if task.request.is_eager:  # inline, somebody is waiting for the page
            return False
        raise task.retry(exc=error, countdown=30 * 2**task.request.retries) from error
    return True


@shared_task(bind=True, ignore_result=True, max_retries=5)
def mail_comment(self: Task, comment_id: int, link: str) -> None:
    """Tell the author of a post that somebody has commented on it."""
    comment = db.session.get(Comment, comment_id, with_for_update=True)
    if comment is None or comment.notified_at:  # deleted before we came to it, or told already
        return
    subject = f"{comment.author.name} on “{comment.post.title}”"
    text = render_template("mail/comment.txt", comment=comment, link=link)
    if deliver(self, f"comment {comment_id}", comment.post.author.email, subject, text):
        comment.notified_at = now()
        db.session.commit()


@shared_task(ignore_result=True)
def send_digests() -> int:
    """Have everybody who asked for it told of last week's posts; says how many that are."""
    week = digests.last_week()
    users = digests.wanted(week)
    for user_id in users:
        send_digest.delay(user_id, week)
    return len(users)


@shared_task(bind=True, ignore_result=True, max_retries=5)
def send_digest(self: Task, user_id: int, week: str) -> None:
    """Tell one user of the posts of a week, however often somebody asks for it."""
    digest = digests.claim(user_id, week)
    if digest is None or digest.sent_at or not digest.user.wants_digest:
        return
    posts = db.session.scalars(digests.posts_of(week)).all()
    if not posts:  # deleted before we came to it
        return
    subject = f"{len(posts)} new post{'s' if len(posts) > 1 else ''} on {current_app.config['SITE_NAME']}"
    text = render_template("mail/digest.txt", posts=posts, monday=digests.monday(week))
    if deliver(self, f"{week} to user {user_id}", digest.user.email, subject, text):
        digest.sent_at = now()
        db.session.commit()
