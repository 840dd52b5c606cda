# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends mail, or says in the log what it would have sent."""

from __future__ import annotations

from email.message import EmailMessage
from smtplib import SMTP
from ssl import create_default_context

from flask import current_app

#: Seconds. Without a broker somebody waits for this.
TIMEOUT = 5


def send(recipient: str, subject: str, text: str) -> None:
    """Send one plain text mail; raises OSError, of which SMTPException is one."""
    config = current_app.config
    if not config["MAIL_SERVER"]:
        current_app.logger.info("No MAIL_SERVER; to %s: %s\n%s", recipient, subject, text)
        return

    message = EmailMessage()
    message["From"] = config["MAIL_SENDER"]
    message["To"] = recipient
    message["Subject"] = subject
    message.set_content(text)
    with SMTP(config["MAIL_SERVER"], config["MAIL_PORT"], timeout=TIMEOUT) as server:
        if config["MAIL_USE_TLS"]:
            server.starttls(context=create_default_context())
        if config["MAIL_USERNAME"]:
            server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
        server.send_message(message)
