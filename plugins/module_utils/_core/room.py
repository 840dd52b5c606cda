# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host has room for what a run brings: too little of something is an installation that ends in its middle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# A first ship brings a front server, supervisor, a virtual environment and perhaps a compiler; a later one, a release.
FIRST_DISK_MB, NEXT_DISK_MB = 1024, 256
FIRST_MEMORY_MB, NEXT_MEMORY_MB = 256, 96
# What the smallest Flask application takes of memory for each process that serves it.
PROCESS_MB = 25


def judge_free(first: bool, disk_mb: int | None, memory_mb: int | None, facts: Mapping[str, Any]) -> Iterator[str]:
    """Space and memory that nobody uses yet; None lets it depend on whether the ship is the first one."""
    disk = disk_mb if disk_mb is not None else FIRST_DISK_MB if first else NEXT_DISK_MB
    memory = memory_mb if memory_mb is not None else FIRST_MEMORY_MB if first else NEXT_MEMORY_MB
    for mount, free in facts.get("disk_free_mb", {}).items():
        if free < disk:
            yield f"{mount} has {free} MB free, and this run needs {disk} MB. Free some space there, or give it more."
    available = facts.get("memory_available_mb", memory)
    if available < memory:
        yield f"{available} MB of memory are available, and this run needs {memory} MB. Give it more."


def bears(available_mb: int, more_mb: int) -> bool:
    """Whether a host has room for so much more for a while, and as much again for what else comes."""
    return available_mb >= 2 * more_mb


def judge_servers(processes: int, facts: Mapping[str, Any]) -> Iterator[str]:
    """More servers than could ever run there."""
    has, needs = facts.get("memory_mb", 0), processes * PROCESS_MB
    if has and needs > has:
        yield (
            f"{processes} processes would serve the app (slots times processes), which take {needs} MB at least,"
            f" and it has {has} MB. Write fewer web_slots or uwsgi_processes, or give it more."
        )
