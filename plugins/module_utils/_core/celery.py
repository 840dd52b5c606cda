# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks of an app beyond its requests: what the variables `celery_*` may say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    between,
    flag,
    free_text,
    keyed,
    listed,
    matching,
    text,
    truth,
    whole,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import LONGEST_STOP_SECONDS
from ansible_collections.slipway.flask.plugins.module_utils._core.settled import settled
from ansible_collections.slipway.flask.plugins.module_utils._core.sizing import MOST_SLOTS

GROUP, BROKERS = "workers", "brokers"
WORKER, BEAT, FLOWER = "celery", "beat", "flower"
# how much later than the longest task its worker has to be gone
GRACE_SECONDS = 30
LONGEST_SECONDS = LONGEST_STOP_SECONDS - GRACE_SECONDS
# the variables by which an app finds its broker, and reads how it shall use it
BROKER_VARIABLE, SETTINGS_VARIABLE = "CELERY_BROKER_URL", "CELERY_SETTINGS"
# where Flower finds whom it lets in
FLOWER_VARIABLE = "FLOWER_BASIC_AUTH"


@dataclass(frozen=True)
class Celery:
    """What the variables `celery_*` state."""

    app: str
    slots: int
    concurrency: int  # processes or threads of a slot; 0: the host's cores shared among its slots
    pool: str
    queues: tuple[str, ...]
    task_seconds: int
    beat: bool
    flower_port: int  # 0: none
    flower_password: str = field(repr=False)
    settings: Mapping[str, Any]


def settle(raw: Mapping[str, object]) -> Celery:
    """Raises DescriptionError with all that is wrong."""
    given = settled(RULES, raw)
    numbers = {name: int(given[f"celery_{name}"]) for name in ("slots", "concurrency", "task_seconds", "flower_port")}
    return Celery(
        app=given["celery_app"],
        pool=given["celery_pool"],
        queues=tuple(given["celery_queues"]),
        beat=truth(given["celery_beat"]),
        flower_password=given["celery_flower_password"],
        settings=given["celery_settings"],
        **numbers,
    )


def address(celery: Celery) -> str:
    """What a worker imports, as `module:attribute`; of a module alone Celery finds the application itself."""
    return celery.app if ":" in celery.app else f"{celery.app}:__name__"


def packages(celery: Celery) -> list[str]:
    """Python packages that its programs need besides the application's own."""
    return ["flower"] if celery.flower_port else []


def judge(
    celery: Celery, said: Collection[str], own: Collection[str], groups: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Together with the groups of the inventory. `said`: variables of the app; `own`: programs of the app."""
    if not groups.get(GROUP):
        return
    if not groups.get(BROKERS) and BROKER_VARIABLE not in said:
        yield (
            "The group workers has hosts, and no host is in the group brokers: nobody would hand them a task. Write one"
            f" there, or {BROKER_VARIABLE} into app_secrets for a broker of somebody else's."
        )
    for name in sorted({WORKER, BEAT, FLOWER} & set(own)):
        yield f"app_programs.{name} is what the group workers runs by that name. Call the program otherwise."
    if celery.flower_port and not celery.flower_password:
        yield "celery_flower_port is set, and celery_flower_password is not: nobody but you shall see the tasks."


_PLACE = matching(r"[A-Za-z_][\w.]*(:[A-Za-z_]\w*)?", "a module, or module:attribute, such as shop.tasks:celery")
_QUEUE = matching(r"[A-Za-z0-9][\w.-]*", "the name of a queue, such as mails")

RULES: Mapping[str, Check] = {
    "celery_app": _PLACE,
    "celery_slots": between(1, MOST_SLOTS, f"{MOST_SLOTS} are the most. Give each slot more concurrency"),
    "celery_concurrency": whole(0),
    "celery_pool": matching("prefork|threads|gevent|solo", "prefork, threads, gevent or solo"),
    "celery_queues": listed(_QUEUE),
    "celery_task_seconds": between(1, LONGEST_SECONDS, f"{LONGEST_SECONDS} are the most"),
    "celery_beat": flag,
    "celery_flower_port": between(0, 65535, "the highest port is 65535"),
    "celery_flower_password": optional(free_text),
    "celery_settings": keyed(text, lambda label, value: iter(())),
}
