# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of variables as people write them: which are known, which are nearly so."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES

PREFIXES = (
    "app_",
    "deploy_",
    "gate_",
    "notify_",
    "site_",
    "base_",
    "web_",
    "uwsgi_",
    "gevent_",
    "tornado_",
    "postgresql_",
    "celery_",
    "rabbitmq_",
    "backup_",
    "platform_",
    "heroku_",
    "elastic_",
)


def judge_names(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Problems and warnings about the variables an inventory sets."""
    problems: list[str] = []
    strangers: list[str] = []
    for name in sorted(set(names) - set(VARIABLES)):
        if meant := _meant(name):
            problems.append(f"{name} is no variable of slipway.flask. Did you mean {meant}? Write: {meant}: ...")
        elif name.startswith("app_"):
            strangers.append(name)
    return problems, [_warning(strangers)] if strangers else []


def _meant(name: str) -> str | None:
    """Names outside of our prefixes belong to others, unless only underscores or capitals make the difference."""
    if name.startswith(PREFIXES):
        return nearest(name, VARIABLES)
    squeezed = name.replace("_", "").lower()
    return next((known for known in VARIABLES if known.replace("_", "") == squeezed), None)


def _warning(names: list[str]) -> str:
    return f"Is this a slip? slipway.flask reads no such app_ variable: {', '.join(names)}."
