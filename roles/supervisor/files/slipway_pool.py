# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A worker that is told to end counts each task that it has handed to one of its processes.

    celery -A APP worker --include=slipway_pool

Celery (5.7 as well) forgets such a task when the process has not yet said that it began, which is a matter of
milliseconds, or of more on a busy host. The process begins nevertheless; nobody notes its end, so that the worker waits
30 s for it and the broker hands the task on to be done a second time. Tasks that no process has are still given back.
"""

from __future__ import annotations

from typing import Any

from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool


class Pool(AsynPool):
    def flush(self) -> None:
        """Called when the worker takes no more tasks: it ends, or the broker is gone."""
        handed = {number: job for number, job in self._cache.items() if not job.accepted() and has_process(job)}
        super().flush()
        # a process that ends without a word takes its task along
        self._cache.update((number, job) for number, job in handed.items() if has_process(job))


def has_process(job: Any) -> bool:
    """Whether a process that lives has been written the task, or the beginning of it, which flush completes."""
    process = getattr(job, "_write_to", None)
    return process is not None and process._is_alive()


TaskPool.Pool = Pool
