# SPDX-License-Identifier: GPL-3.0-or-later
"""Celery for the blog, under supervisord."""

from __future__ import annotations

from testinfra.host import Host

CONTROL = "supervisorctl -s unix:///run/slipway/blog/supervisor.sock"


def test_every_worker_runs(worker: Host) -> None:
    # its exit status tells that the trial's program does not run, which it need not
    rows = [line.split() for line in worker.run(f"{CONTROL} status").stdout.splitlines()]
    states = {name: state for name, state, *_ in rows}
    assert {states["celery:1"], states["celery:2"]} == {"RUNNING"}


def test_no_worker_is_root(worker: Host) -> None:
    users = worker.check_output("ps -eo user:20,args --no-headers | grep '[c]elery -A' | cut -d' ' -f1").split()
    assert len(users) >= 2 and set(users) == {"app-blog"}


def test_workers_take_tasks(worker: Host) -> None:
    names = [f"blog-{slot}@{worker.check_output('hostname')}" for slot in (1, 2)]
    log = worker.check_output("cat /var/log/slipway/blog/celery-*.log")
    assert all(f"{name} ready" in log for name in names)
