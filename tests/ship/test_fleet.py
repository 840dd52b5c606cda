# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts ship as one: both serve the release, or both serve the one before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.hosts import Host

from . import inside
from .commits import IN_A_SLOT, QUICK, unwell
from .ground import Ground
from .probe import Probe, ask

ON_THE_SECOND = f'{IN_A_SLOT} and os.uname().nodename.endswith("-2")'
OF_THE_APP = """
ls -d /etc/slipway/blog /srv/blog/current /srv/blog/releases 2>/dev/null
systemctl list-units --all --plain --no-legend 'slipway-*'
systemctl list-unit-files --no-legend '*@blog*' 'slipway-blog*'
ss -Hltn sport = :80
"""


def serves(host: Host) -> str:
    return str(json.loads(ask(f"{host.url}/version"))["commit"])


@pytest.fixture(scope="module")
def fleet(ground: Callable[..., Ground]) -> Iterator[Ground]:
    here = ground("fleet", 2, **QUICK)
    here.play("site").good()
    yield here
    here.project.reset()


def assert_together(fleet: Ground, commit: str) -> None:
    assert [serves(host) for host in fleet.hosts] == [commit, commit]
    for host in fleet.hosts:
        assert inside.half_made(host) == []
        assert inside.well(host) == []


def test_bare_hosts_serve_the_same_and_then_there_is_nothing_to_do(fleet: Ground) -> None:
    assert_together(fleet, fleet.project.head)
    assert fleet.play("site").good().changed == 0


def test_a_deploy_in_waves_and_the_way_back_fail_no_request(fleet: Ground) -> None:
    old, new = fleet.project.head, fleet.project.new_page("For both")
    with Probe(fleet.hosts[0].url) as first, Probe(fleet.hosts[1].url) as second:
        said = fleet.play("deploy").good().output
        assert_together(fleet, new)
        fleet.play("rollback").good()
    assert "Run the commands that run once" in said and "Watch the canary" in said
    assert_together(fleet, old)
    for probe in (first, second):
        probe.unbroken()
        assert probe.commits == [old, new]


def test_a_host_that_has_it_all_is_in_nobodys_way(fleet: Ground) -> None:
    new = fleet.project.new_page("For the first, and then for the second")
    fleet.play("deploy", "--limit", fleet.wanted.host_names[0]).good()
    assert [serves(host) == new for host in fleet.hosts] == [True, False]
    fleet.play("deploy").good()
    assert_together(fleet, new)


def test_what_one_host_cannot_serve_no_host_serves(fleet: Ground) -> None:
    fleet.project.new_page("Good on both")
    fleet.play("deploy").good()
    good = fleet.project.head
    fleet.project.commit("Unwell on the second host", {"webapp/health.py": unwell(ON_THE_SECOND)})
    with Probe(fleet.hosts[0].url) as first, Probe(fleet.hosts[1].url) as second:
        fleet.play("deploy").bad("the search index is missing", "all go back", f"back on {good[:12]}")
    for probe in (first, second):
        probe.unbroken()
    assert_together(fleet, good)
    for host in fleet.hosts:
        assert inside.history(host)[-1]["outcome"] == "failed"


@pytest.mark.soak
def test_a_host_that_leaves_has_nothing_of_the_app_that_runs(fleet: Ground) -> None:
    """Nor one that leaves as the app is taken off: the last of these tests."""
    fleet.describe(**QUICK, backup_time="daily")
    fleet.play("site").good()
    stays, leaves = fleet.hosts
    assert "slipway-backup@blog.timer" in inside.sh(leaves, OF_THE_APP)
    fleet.place(nginx_uwsgi=(1,), retired=(2,))
    fleet.play("site").good()
    assert inside.sh(leaves, OF_THE_APP) == ""
    assert "slipway-backup@blog.timer" in inside.sh(stays, OF_THE_APP) and serves(stays) == fleet.project.head
    assert fleet.play("site").good().changed == 0
    fleet.place(nginx_uwsgi=(1, 2), retired=())
    fleet.play("site").good()
    assert_together(fleet, fleet.project.head)
    fleet.place(nginx_uwsgi=(1,), retired=(2,))
    fleet.play("site", extra={"app_state": "absent"}).good()
    assert [inside.sh(host, OF_THE_APP) for host in fleet.hosts] == ["", ""]
