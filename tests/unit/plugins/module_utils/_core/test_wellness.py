# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.lock import LEASE_SECONDS
from ansible_collections.slipway.flask.plugins.module_utils._core.wellness import judge, judge_fleet, told
from tests.unit.plugins.module_utils._core.reports import CERTIFICATE, DATABASE, LOCK, NOTHING, report

DEAD = LOCK | {"dead": True}
LAPSED = LOCK | {"quiet_seconds": LEASE_SECONDS + 60}


def test_nothing_is_wrong_where_all_is_well():
    assert judge(report()) == []
    assert judge(report(lock=LOCK)) == []
    assert judge(report(certificate=CERTIFICATE)) == []
    assert judge_fleet({"web1": report(), "web2": report(), "web3": report(**NOTHING)}) == []
    assert judge_fleet({}) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (NOTHING, "Nothing has been shipped to this host yet: blog is not served."),
        ({"live": {"verdict": "pending"}}, "The run that brought c1c1c1c1c1c1-d1 live never ended (verdict pending)"),
        ({"slot": {"state": "EXITED", "well": False}}, "Slot web:2 is down: exited."),
        ({"slot": {"well": False, "said": "500 oh no"}}, "Slot web:2 is not well: 500 oh no"),
        ({"slot": {"release": "c0-d0"}}, "Slot web:2 runs c0-d0, which is not live."),
        ({"slot": {"release": ""}}, "Slot web:2 runs nothing, which is not live."),
        ({"site": {"well": False, "said": "502 Bad Gateway"}}, "The site is not well: 502 Bad Gateway"),
        (
            {"database": DATABASE | {"size_mb": None, "said": "Connection refused"}},
            "The database on 10.0.0.7 does not answer: Connection refused",
        ),
        ({"database": DATABASE, "slot": {"slot": "beat:1"}}, "No host sends tasks by the clock: nobody has the lock"),
        (
            {"certificate": CERTIFICATE | {"days_left": 6}},
            "The certificate of the site ends on 2026-04-02, and nothing",
        ),
        (
            {"certificate": CERTIFICATE | {"ends": None, "days_left": None}},
            "The certificate of the site cannot be read",
        ),
        ({"units": {"nginx.service": "failed"}}, "The unit nginx.service is failed. See: systemctl status"),
        ({"lock": DEAD}, "held by a run that is dead: anna@laptop, process 4711; its process is gone."),
        ({"lock": LAPSED}, "held by a run that is dead: anna@laptop, process 4711; it was last heard of 31 min ago."),
        ({"disk_free_mb": {"/srv/blog": 9000, "/var": 511}}, "The disk is nearly full: /var has 511 MB free."),
    ],
)
def test_each_thing_that_is_wrong_is_one_sentence(changes, said):
    (problem,) = judge(report(**changes))
    assert said in problem


def test_backups_of_a_host_that_only_has_the_database_are_judged_as_well():
    failed = {"ok": False, "at": "2026-11-26T03:00:00", "said": "no room", "kind": "backup"}
    (problem,) = judge({"backup": {"last": failed, "drill": None, "days": 0, "late_days": 2}})
    assert problem == "The last backup failed: no room"
    assert judge({"backup": None}) == judge({}) == []


def test_a_release_without_a_verdict_is_nothing_wrong_while_its_run_is_at_work():
    assert judge(report(live={"verdict": "pending"}, lock=LOCK)) == []
    assert len(judge(report(live={"verdict": "pending"}, lock=DEAD))) == 2


def test_hosts_that_serve_different_commits_are_named_with_theirs():
    other = report(live={"commit": "c2" * 20})
    (problem,) = judge_fleet({"web1": report(), "web2": other, "web3": report()})
    assert "c1c1c1c1c1c1 on web1, web3; c2c2c2c2c2c2 on web2" in problem


def test_all_of_it_is_one_message():
    assert told(["a"]) == "One thing is wrong.\n  * a"
    assert told(["a", "b"]) == "2 things are wrong.\n  * a\n  * b"
