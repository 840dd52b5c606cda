# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom to tell about a run that ships or goes back, and in which words: the variables `notify_*`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    listed,
    matching,
    record,
    text,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.settled import settled
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

Outcome = Literal["started", "succeeded", "failed"]

SERVER = "localhost:25"


@dataclass(frozen=True)
class Targets:
    """Where notices go; empty for nowhere. Often whoever knows the address of a webhook may post to it."""

    webhook: str = field(default="", repr=False)
    command: tuple[str, ...] = ()
    mail: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.webhook or self.command or self.mail)


@dataclass(frozen=True)
class Notice:
    """One message about a run. `at` is UTC, ISO 8601; `seconds` count from the beginning of the playbook."""

    app: str
    act: str
    outcome: Outcome
    commit: str
    subject: str
    by: str
    hosts: tuple[str, ...]
    at: str
    seconds: float
    reason: str = ""

    @property
    def headline(self) -> str:
        what = f"{self.commit[:12]} ({self.subject})" if self.subject else self.commit[:12]
        done = self.outcome if self.outcome == "started" else f"{self.outcome} after {self.seconds:.0f} s"
        return " ".join(part for part in (f"{self.app}: {self.act}", f"of {what}" if what else "", done) if part)

    @property
    def text(self) -> str:
        """All of it in a sentence or two."""
        where = f"{self.headline}, by {self.by} to {', '.join(self.hosts) or 'no host'}."
        return f"{where} {self.reason}" if self.reason else where


def settle(raw: Mapping[str, object]) -> Targets:
    """The targets these variables name. Raises DescriptionError with all that is wrong."""
    given = settled(RULES, raw)
    mail = {key: value for key, value in given["notify_mail"].items() if value is not None}
    return Targets(given["notify_webhook"], tuple(given["notify_command"]), mail and {"server": SERVER, **mail})


def body(notice: Notice) -> dict[str, Any]:
    """What a target gets as JSON."""
    return {**asdict(notice), "text": notice.text}


def _webhook(label: str, value: object) -> Iterator[str]:
    """Without what `matching` would quote of it."""
    wrong = list(text(label, value))
    if not wrong and not re.fullmatch(r"https?://[!-~]+", str(value)):
        wrong = [f"{label} is no web address: write https://..., or remove it."]
    yield from wrong


def _mail(label: str, value: Any) -> Iterator[str]:
    wrong = list(record(_MAIL)(label, value))
    if not wrong and value and not value.get("to"):
        wrong = [f"{label} does not say to whom: write {label}: {{to: [ops@example.org]}}."]
    yield from wrong


def _command(label: str, value: Any) -> Iterator[str]:
    """A list: a string would need a shell to take it apart."""
    if isinstance(value, str):
        yield f"{seen(label, value)}: write a list, such as {label}: [/usr/local/bin/tell, --quietly]."
    else:
        yield from listed(text)(label, value)


_ADDRESS = matching(r"[^@\s<>,]+@[^@\s<>,]+", "a mail address alone, such as ops@example.org")
_MAIL: Mapping[str, Check] = {
    "to": listed(_ADDRESS),
    "from": _ADDRESS,
    "server": matching(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", "host or host:port, such as mail.example.org:25"),
}

RULES: Mapping[str, Check] = {
    "notify_webhook": optional(_webhook),
    "notify_command": _command,
    "notify_mail": _mail,
}
