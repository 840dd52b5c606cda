# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables `platform_*`, `heroku_*` and `elastic_beanstalk_*` have to look like: one row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import ENVIRONMENT, optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    between,
    flag,
    free_text,
    keyed,
    listed,
    matching,
    record,
    text,
    whole,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen


def _auto_or_flag(label: str, value: object) -> Iterator[str]:
    if value != "auto" and list(flag(label, value)):
        yield f"{seen(label, value)}: write auto, true or false."


def _entry(label: str, value: object) -> Iterator[str]:
    """A number of dynos, or a record."""
    if isinstance(value, Mapping):
        yield from record({"quantity": whole(0), "size": text})(label, value)
        if value.get("quantity") is None:
            yield f"{label} has no quantity: write quantity: 1."
    else:
        yield from whole(0)(label, value)


def _scalar(label: str, value: object) -> Iterator[str]:
    if isinstance(value, (Mapping, list, tuple)):
        yield f"{seen(label, value)}: write one value."


_STATE = matching("present|absent", "present or absent")
_URL = matching(r"https?://[^\s@]+", "a URL, such as https://api.heroku.com")
_ADDON = matching(r"[a-z0-9-]+:[a-z0-9-]+", "SERVICE:PLAN, such as heroku-postgresql:essential-0")
_TYPE = matching(r"[A-Za-z0-9][\w-]*", "the name of a process type, such as web")
_NAME = matching(r"[a-z][a-z0-9-]{1,28}[a-z0-9]", "3 to 30 of a-z, 0-9 and -, first a letter, such as my-blog")
_ENVIRONMENT = matching(
    r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]", "4 to 40 letters, digits and dashes, such as blog-prod"
)

RULES: Mapping[str, Check] = {
    "platform_celery": _auto_or_flag,
    "platform_accepts": listed(text),
    "heroku_app": optional(_NAME),
    "heroku_api_key": free_text,
    "heroku_region": optional(matching(r"[a-z0-9-]+", "the name of a region, such as eu")),
    "heroku_team": optional(text),
    "heroku_stack": matching(r"[a-z]+-[0-9]+", "the name of a stack, such as heroku-24"),
    "heroku_addons": listed(_ADDON),
    "heroku_formation": keyed(_TYPE, _entry),
    "heroku_state": _STATE,
    "heroku_rollback": optional(matching(r"previous|v[0-9]+", "previous, or a release such as v12")),
    "heroku_local": flag,
    "heroku_port": between(1024, 65000, "the highest port is 65000"),
    "heroku_local_environment": ENVIRONMENT,
    "heroku_tree": optional(text),
    "heroku_api_url": _URL,
    "heroku_git_url": optional(_URL),
    "elastic_beanstalk_application": optional(text),
    "elastic_beanstalk_environment": optional(_ENVIRONMENT),
    "elastic_beanstalk_region": optional(matching(r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region, such as eu-central-1")),
    "elastic_beanstalk_platform": optional(text),
    "elastic_beanstalk_instances": whole(1),
    "elastic_beanstalk_instance_type": matching(r"[a-z0-9-]+\.[a-z0-9]+", "a type, such as t3.small"),
    "elastic_beanstalk_options": keyed(text, keyed(text, _scalar)),
    "elastic_beanstalk_database": optional(matching(r"db\.[a-z0-9-]+\.[a-z0-9]+", "a class, such as db.t4g.micro")),
    "elastic_beanstalk_database_gb": whole(5),
    "elastic_beanstalk_database_url": free_text,
    "elastic_beanstalk_state": _STATE,
    "elastic_beanstalk_rollback": optional(text),
    "elastic_beanstalk_tree": optional(text),
}
