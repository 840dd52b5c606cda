# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Celery is on a host: entries of the form that `app_programs` has, and settings that the app reads.

One limit of time is set, that of a task (`celery_task_seconds`). What waits for a task derives its own from it, so
that they cannot contradict each other: the worker's soft limit lies below, the time that a slot has to end lies above.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.celery import (
    BEAT,
    FLOWER,
    GRACE_SECONDS,
    WORKER,
    Celery,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import LOCK_HOLDER, POOL

# how much earlier than the hard limit a task hears of it
SOFT_SHARE = 0.9

# A message is gone when its task has ended, and not before; what was published, the broker has confirmed; queues are
# kept by a majority of the brokers.
DEFAULTS: Mapping[str, Any] = {
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {"confirm_publish": True},
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_default_queue_type": "quorum",
    "task_default_exchange_type": "topic",
    "worker_prefetch_multiplier": 1,
    "worker_detect_quorum_queues": True,
}


def programs(celery: Celery, first: bool, locks: bool) -> dict[str, dict[str, Any]]:
    """What a host of the group `workers` runs. `first`: of all of them; `locks`: a database says who is beat."""
    found = {WORKER: _worker(celery)}
    if celery.beat and (locks or first):
        found[BEAT] = {"command": _beat(celery, locks), "stop_seconds": GRACE_SECONDS, "stop_group": False}
    if celery.flower_port and first:
        listens = f"--address=127.0.0.1 --port={celery.flower_port}"
        found[FLOWER] = {"command": f"exec celery -A {shlex.quote(celery.app)} flower {listens}", "stop_group": False}
    return found


def settings(celery: Celery, of_broker: Mapping[str, Any] = DEFAULTS) -> str:
    """What the app reads from its environment (JSON), for those who publish as well as for those who consume."""
    return json.dumps({**of_broker, **_limits(celery), **celery.settings}, sort_keys=True)


def worker(celery: Celery, concurrency: str, name: str) -> str:
    """The command of a worker that takes `concurrency` tasks at once, and calls itself `name`."""
    words = ["celery", "-A", shlex.quote(celery.app), "worker", f"--hostname={name}"]
    words += [f"--concurrency={concurrency}", f"--pool={celery.pool}", "--prefetch-multiplier=1", "--loglevel=INFO"]
    # workers of one app have nothing to tell each other, and meet before they take the first task
    words += ["--without-gossip", "--without-mingle"]
    limits = _limits(celery)
    words += [f"--time-limit={limits['task_time_limit']}", f"--soft-time-limit={limits['task_soft_time_limit']}"]
    words += [f"--queues={shlex.quote(','.join(celery.queues))}"] if celery.queues else []
    return " ".join(words)


def beat(celery: Celery, holder: str) -> str:
    """The command of beat where many could be it, and `holder` (lock.py) lets the database say who is."""
    return f"python {holder} {BEAT} {_beat_of(celery)} --scheduler=slipway_schedule:Schedule"


def _worker(celery: Celery) -> dict[str, Any]:
    # counted when it starts: a host may be given another processor
    share = f"$((($(nproc) + {celery.slots - 1}) / {celery.slots}))"
    command = worker(celery, str(celery.concurrency or share), '"$SLIPWAY_APP-$SLIPWAY_SLOT@%h"')
    if celery.pool == "prefork":
        command = f'env "PYTHONPATH=$PYTHONPATH:{POOL}" {command} --include=slipway_pool'
    # only the master is told to end: it lets its children finish what they are at, a task that has just begun too
    return {
        "command": f"exec {command}",
        "slots": celery.slots,
        "stop_seconds": celery.task_seconds + GRACE_SECONDS,
        "stop_group": False,
    }


def _beat(celery: Celery, locks: bool) -> str:
    if locks:
        return f"exec {beat(celery, LOCK_HOLDER)}"
    return f'exec {_beat_of(celery)} --schedule="$HOME/celerybeat-schedule"'


def _beat_of(celery: Celery) -> str:
    return f"celery -A {shlex.quote(celery.app)} beat --pidfile= --loglevel=INFO"


def _limits(celery: Celery) -> dict[str, int]:
    soft = max(1, int(celery.task_seconds * SOFT_SHARE))
    return {"task_time_limit": celery.task_seconds, "task_soft_time_limit": soft}
