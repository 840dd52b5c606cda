# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of an app: what the variables `backup_*` may say, and what speaks against keeping them on a host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import ENVIRONMENT, optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    free_text,
    listed,
    record,
    text,
    whole,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

# The host's own folder; with it is lost what it keeps.
OWN = "/var/backups/slipway"
# Room that must be below /var before backups are made there.
DISK_MB = 512
# systemd's words for a time, and within how many days a good backup has to follow the one before
WORDS: Mapping[str, int] = {
    **dict.fromkeys(("minutely", "hourly", "daily"), 2),
    "weekly": 15,
    "monthly": 63,
    "quarterly": 190,
    "semiannually": 370,
    **dict.fromkeys(("yearly", "annually"), 740),
}
_WEEKDAY = r"(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_CLOCK = r"[0-9*,/.:-]+ ?"
# who and where end up in a command, so they are no option of it and no more than a word
_WHO = r"[^-\s/:'\"][^\s/:'\"]*"
SFTP = re.compile(rf"sftp:(?://(?P<at>{_WHO})(?::(?P<port>\d+))?/|(?P<login>{_WHO}):)(?P<path>.+)")


def _time(label: str, value: object) -> Iterator[str]:
    wrong = list(text(label, value))
    said = str(value)
    form = rf"({_WEEKDAY}([,.-]+{_WEEKDAY})*( |$))?({_CLOCK})*( ?(UTC|[A-Z][A-Za-z_]+/[A-Za-z_/]+))?"
    if not wrong and said not in WORDS and not re.fullmatch(form, said):
        meant = nearest(said, WORDS)
        hint = f"Did you mean {meant}?" if meant else "Write daily, or a time of systemd's calendar, such as 03:00."
        wrong = [f"{seen(label, value)}. {hint}"]
    yield from wrong


def _keep(label: str, value: object) -> Iterator[str]:
    wrong = list(record(dict.fromkeys(("hourly", "daily", "weekly", "monthly", "yearly"), whole(0)))(label, value))
    if not wrong and not any(int(str(count or 0)) for count in (value.values() if isinstance(value, Mapping) else ())):
        wrong = [f"{label} keeps none: write how many, such as {label}: {{daily: 7}}."]
    yield from wrong


def _repository(label: str, value: object) -> Iterator[str]:
    wrong = list(text(label, value))
    said = str(value)
    if not wrong and said.startswith("sftp:") and not SFTP.fullmatch(said):
        wrong = [f"{seen(label, value)}: write sftp:user@host:/path, or sftp://user@host:2222//path with a port."]
    elif not wrong and not re.fullmatch(r"/[^\n]*|[a-z0-9]+:[^\n]+", said):
        wrong = [f"{seen(label, value)}: write an absolute folder, sftp:user@host:/path, or s3:https://..."]
    yield from wrong


RULES: Mapping[str, Check] = {
    "backup_time": optional(_time),
    "backup_repository": optional(_repository),
    "backup_password": free_text,
    "backup_environment": ENVIRONMENT,
    "backup_ssh_key": free_text,
    "backup_ssh_known_hosts": listed(text),
    "backup_keep": _keep,
}


def judge(row: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong between variables that are right each for itself."""
    if row.get("backup_repository") and not row.get("backup_password"):
        yield (
            "backup_repository is set and backup_password is not: a password that only the host knew would be lost with"
            " it, and every backup too. Write backup_password, and keep it elsewhere as well."
        )
    if row.get("backup_ssh_key") and not str(row.get("backup_repository") or "").startswith("sftp:"):
        yield "backup_ssh_key is for a backup_repository that begins with sftp: and there is none. Remove one of them."


def judge_room(row: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    """A host that would keep its backups itself."""
    repository = row.get("backup_repository") or OWN
    free = facts.get("disk_free_mb", {}).get("/var", DISK_MB)
    if row.get("backup_time") and repository.startswith("/var/") and free < DISK_MB:
        yield (
            f"/var has {free} MB free, and backups below {repository} want {DISK_MB} MB at least."
            " Free some space there, or write another backup_repository."
        )


def late_days(time: str) -> int:
    """After how many days without a good backup somebody has to be told."""
    if time in WORDS:
        return WORDS[time]
    if re.match(_WEEKDAY, time):
        return WORDS["weekly"]
    date = next((part for part in time.split() if "-" in part), "*-*-*")
    return WORDS["daily"] if date.endswith("-*") else WORDS["monthly"]
