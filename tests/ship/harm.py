# SPDX-License-Identifier: GPL-3.0-or-later
"""Killing things at a chosen moment. Every kill is SIGKILL: nobody gets to say goodbye."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import hosts
from tests.hosts import Host

from . import inside
from .ground import Ground
from .inside import APP
from .play import Playing
from .tasks import sql

PATIENCE = 120
STATE, ROOT = f"/var/lib/slipway/{APP}", f"/srv/{APP}"

# What is so on the host from a certain act of a deploy on, as a condition of its shell. Spread over all acts, in order.
MOMENTS = {
    "lock": f"[ -e {STATE}/lock.json ]",
    "bundle": f"[ -e {ROOT}/incoming/artifact.tar.gz ]",
    "unpack": f"[ -e {ROOT}/releases/.work/source ]",
    "migrate": f"pgrep -u app-{APP} -f 'manage.py db upgrade'",
    "trial": f"[ -L {ROOT}/candidate ]",
    "trial runs": "grep -qlzx SLIPWAY_SLOT=trial /proc/[0-9]*/environ",
    "stands in": "grep -qlz SLIPWAY_STAND_IN= /proc/[0-9]*/environ",
    "ledger": f"grep -q pending {STATE}/ledger.json",
    "switch": f'[ "$(readlink {ROOT}/current)" != "$was" ]',
    "roll": "! kill -0 $slots",
    "verdict": f'[ "$(readlink {ROOT}/current)" != "$was" ] && ! grep -q pending {STATE}/ledger.json',
}
BEFORE = f"""
was=$(readlink {ROOT}/current)
slots=$(grep -lzx 'SLIPWAY_SLOT=[1-9]' /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3)
"""
FILE_SET = "/var/lib/slipway/file_set"
RESTORE = f"slipway-restore@{APP}.service"


def kill_holder(file: str) -> str:
    """A script that kills root's process that has a file open: the module call, and no command that it runs."""
    return f"""
until files=$(find /proc/[0-9]*/fd -lname {file} -user root 2>/dev/null); [ -n "$files" ]; do sleep 0.01; done
kill -9 $(echo "$files" | cut -d/ -f3 | sort -u)
"""


def when(host: Host, condition: str, then: str = "") -> str:
    """Wait until a condition of the host's shell holds, and do something there in the same instant."""
    script = f"{BEFORE}\nuntil {condition}; do sleep 0.01; done >/dev/null 2>&1\n{then}"
    return hosts.execute(host, "timeout", str(PATIENCE), "sh", "-c", script).stdout.decode()


def until(condition: Callable[[], bool], what: str, limit: float = 60.0) -> None:
    """Wait until something is so; not answering counts as no."""
    deadline = time.monotonic() + limit
    while True:
        with contextlib.suppress(OSError, hosts.HostsError):
            if condition():
                return
        assert time.monotonic() < deadline, f"waited {limit:.0f} s for {what}"
        time.sleep(0.1)


@contextmanager
def reader(database: Host) -> Iterator[Callable[[], None]]:
    """Somebody reads what a restore is to replace, which cannot end before he is sent away, by what this yields."""
    reads = "begin; lock table posts in access share mode; select pg_sleep(600)"
    readers = "from pg_locks where relation = 'posts'::regclass and mode = 'AccessShareLock' and granted"
    inside.sh(database, f"systemd-run --quiet --collect --uid=postgres psql -d {APP} -c '{reads}'")

    def send_away() -> None:
        sql(database, f"select pg_terminate_backend(pid) {readers}")

    try:
        until(lambda: sql(database, f"select count(*) {readers}") == "1", "somebody who reads")
        yield send_away
    finally:
        send_away()


def kill_controller(playing: Playing, ground: Ground) -> None:
    """ansible-playbook with all of its workers, and the SSH connection under the module that is at work."""
    victims = [*_family(playing.process.pid), *_connections(ground)]
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    playing.process.wait()


def kill_parent(playing: Playing) -> None:
    """ansible-playbook alone: its workers and their connections live on for a while."""
    os.kill(playing.process.pid, signal.SIGKILL)
    playing.process.wait()


def control_path(ground: Ground) -> dict[str, str]:
    """The environment that keeps the SSH connections of a run apart from all others."""
    return {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(ground.folder / "cp")}


def _family(pid: int) -> Iterator[int]:
    """A process and whatever descends from it; a worker of Ansible is in a session of its own."""
    yield pid
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                yield from _family(int(folder.name))


def _connections(ground: Ground) -> Iterator[int]:
    """SSH masters that were started for this ground."""
    mark = f"ssh: {control_path(ground)['ANSIBLE_SSH_CONTROL_PATH_DIR']}/".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().startswith(mark):
                yield int(folder.name)
