# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of `variables.py` about tasks: who works them off, and who keeps them meanwhile."""

from __future__ import annotations

ROWS: tuple[tuple[str, str, str, object, str], ...] = (
    ("celery_app", "celery", "str", "celery_runner", "The Celery application, as `celery -A` takes it."),
    ("celery_slots", "celery", "int", 2, "Workers of a host that are restarted one after the other."),
    (
        "celery_concurrency",
        "celery",
        "int",
        0,
        "Tasks of a slot at once; 0: the host's cores, shared among its slots.",
    ),
    ("celery_pool", "celery", "str", "prefork", "How a slot runs them: prefork, threads, gevent or solo."),
    (
        "celery_queues",
        "celery",
        "list[str]",
        [],
        "Queues they are taken from; [] is the one that Celery has by itself.",
    ),
    (
        "celery_task_seconds",
        "celery",
        "int",
        300,
        "The longest a task may take. A deploy waits for those that run.",
    ),
    (
        "celery_beat",
        "celery",
        "bool",
        False,
        "Whether tasks are sent by the clock (beat_schedule), by one host at a time.",
    ),
    ("celery_settings", "celery", "dict", {}, "Celery's own settings, over those in CELERY_SETTINGS."),
    ("celery_flower_port", "celery", "int", 0, "Port of 127.0.0.1 where Flower shows the tasks; 0: nowhere."),
    ("celery_flower_password", "celery", "str", "", "Secret. What Flower asks for, of the user `flower`."),
    ("rabbitmq_password", "rabbitmq", "str", "", "Secret. The app's password; empty: the host makes one."),
    ("rabbitmq_address", "rabbitmq", "str", "", "Where other hosts reach this one; empty, its first address."),
    (
        "rabbitmq_memory_mb",
        "rabbitmq",
        "int",
        0,
        "Memory at which publishers have to wait; 0: a quarter of the host's.",
    ),
    ("rabbitmq_disk_mb", "rabbitmq", "int", 1024, "Free disk below which publishers have to wait."),
    ("rabbitmq_delivery_limit", "rabbitmq", "int", 20, "Deliveries of a task before it goes to the queue APP.dead."),
    (
        "rabbitmq_supervisor",
        "rabbitmq",
        "bool",
        False,
        "Whether a supervisord keeps the broker, in place of systemd alone.",
    ),
    ("rabbitmq_plugins", "rabbitmq", "list[str]", [], "Plugins of the broker, such as rabbitmq_management."),
)
