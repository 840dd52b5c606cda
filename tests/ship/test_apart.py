# SPDX-License-Identifier: GPL-3.0-or-later
"""A database and a broker on a host that does not run the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from . import inside
from .commits import QUICK
from .ground import Ground
from .harm import RESTORE, reader, until
from .project import Project

pytestmark = pytest.mark.soak
GROUPS = {"nginx_uwsgi": (1,), "workers": (1,), "databases": (2,), "brokers": (2,)}
OFF = {"app_state": "absent"}


@pytest.fixture(scope="module")
def here(ground: Callable[..., Ground], workshop: Path) -> Ground:
    own = Project(workshop / "project-of-apart")
    made = ground("apart", 2, groups=GROUPS, project=own, **QUICK, backup_time="daily")
    made.play("site", limit=600).good()
    made.play("backup").good()
    return made


def test_a_database_lost_while_it_is_brought_back_is_waited_for(here: Ground) -> None:
    database = here.hosts[1]
    with reader(database) as send_away:
        with here.start("restore", extra={"restore_over": True}) as run:
            until(lambda: inside.sh(database, f"systemctl is-active {RESTORE}") == "active", "a restore")
            inside.sh(database, "systemctl stop ssh; pkill -KILL sshd")
            run.wait().bad(f"{here.wanted.host_names[1]} cannot be reached any more, and goes on")
        here.play("deploy").bad("could not be looked at, and a fleet ships as one")
        inside.sh(database, "systemctl start ssh")
        here.play("deploy").bad("A backup of blog is being brought back")
        # nobody works with what is half there
        here.play("status").bad("Slot web:1 is down", "Slot celery:1 is down")
        send_away()
        until(lambda: inside.sh(database, f"systemctl is-active {RESTORE} || true") == "inactive", "its end")
    here.play("restore", extra={"restore_over": True}).good()
    here.play("status").good()
    new = here.project.new_page("Shipped after the database came back")
    here.play("deploy").good()
    assert here.live() == new


def test_taken_off_the_app_leaves_what_it_has_stored_until_somebody_says_its_name(here: Ground) -> None:
    """The last of these tests."""
    database = here.hosts[1]
    here.play("site", extra=OFF).good()
    assert here.play("site", extra=OFF).good().changed == 0
    assert "blog" in inside.sh(database, "runuser -u postgres -- psql -lqt").split()
    assert "blog" in inside.sh(database, "rabbitmqctl -q list_vhosts").split()
    gone = {**OFF, "app_delete_data": "blog"}
    here.play("site", extra=gone).good()
    assert "blog" not in inside.sh(database, "runuser -u postgres -- psql -lqt; rabbitmqctl -q list_vhosts").split()
    for host in here.hosts:
        assert inside.sh(host, "ls -d /etc/slipway/blog /var/lib/slipway/blog 2>/dev/null || true") == ""
    assert here.play("site", extra=gone).good().changed == 0
