# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a value is shown to whoever wrote it: short, in the words of YAML, and never when it may be secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import mask

# What stands below these is never shown: it is secret, or people put secrets there all the same.
HIDDEN = (
    *("app_secrets", "app_files", "app_environment", "notify_webhook", "site_tls_key", "postgresql_password"),
    *("backup_password", "backup_environment", "backup_ssh_key", "base_download_environment"),
    *("heroku_api_key", "heroku_local_environment", "elastic_beanstalk_database_url"),
)
LONGEST = 60
GIST = 300


def kind(value: object) -> str:
    """The kind of a value in the words of somebody who writes YAML. bool first: for Python it is an int."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (type(None), "empty"),
        (bool, "a true/false"),
        ((int, float), "a number"),
        (str, "a string"),
        (Mapping, "a dictionary"),
        ((list, tuple), "a list"),
    )
    return next((name for types, name in names if isinstance(value, types)), f"a {type(value).__name__}")


def seen(label: str, value: object) -> str:
    """`label is VALUE (a number)`, without the value where it may be secret."""
    if label.startswith(HIDDEN) or value is None:
        return f"{label} is {kind(value)}"
    text = mask(json.dumps(value, default=str, ensure_ascii=False))
    short = text if len(text) <= LONGEST else text[: LONGEST - 4] + " ..."
    return f"{label} is {short}" + ("" if isinstance(value, str) else f" ({kind(value)})")


def some(names: Sequence[str], most: int = 5) -> str:
    """The first of them, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def listing(problems: Sequence[str], kept: str = "Nothing was changed.") -> str:
    """All of it as one message: what a person has to mend before anything is changed."""
    head = "One thing has" if len(problems) == 1 else f"{len(problems)} things have"
    lines = (problem.replace("\n", "\n    ") for problem in problems)
    return "\n".join([f"{head} to be put right first. {kept}", *(f"  * {line}" for line in lines)])


def gist(message: str) -> str:
    """The point of a message in one line: its first line, or the entries of a listing."""
    lines = [" ".join(line.split()) for line in message.splitlines() if line.strip()]
    entries = [line.removeprefix("* ") for line in lines if line.startswith("* ")]
    said = "; ".join(entries) or next(iter(lines), "")
    return said if len(said) <= GIST else said[: GIST - 4] + " ..."
