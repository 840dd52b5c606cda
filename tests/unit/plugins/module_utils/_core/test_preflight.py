# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a host, said before it is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import bare
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import LEASE_SECONDS, Run
from ansible_collections.slipway.flask.plugins.module_utils._core.preflight import (
    Wish,
    by_host,
    fresh,
    judge_host,
    judge_lock,
    judge_restore,
    pythons,
)

WISH = Wish("blog", "/srv/blog", "app-blog", app_port=8100)
GOOD: dict[str, Any] = {
    "distribution": "debian",
    "release": "12",
    "python": "3.11",
    "memory_available_mb": 900,
    "disk_free_mb": {"/srv": 9000, "/var": 9000},
    "listeners": {"80": {"pid": 5, "command": "nginx", "unit": "nginx.service"}},
    "front": {"nginx": {"sites": []}},
    "apps": {},
}
LIVE = {"blog": {"config": {"root": "/srv/blog", "user": "app-blog"}, "current": {"id": "x"}}}
ROW = {"token": "t", "by": "anna@laptop", "controller": "c", "pid": 7, "act": "deploy", "since": 0.0, "renewed": 60.0}
RUN = Run("mine", "me@here", "d", 9, "check")


def test_a_good_host_is_silent() -> None:
    assert judge_host(WISH, GOOD) == []


@pytest.mark.parametrize(("release", "python"), [("12", "3.11"), ("13", "3.13")])
def test_a_host_without_python_is_good_and_its_python_is_known(release: str, python: str) -> None:
    facts = bare.facts(f'os-release: ID=debian\nos-release: VERSION_ID="{release}"\n')
    assert judge_host(WISH, facts) == [] and pythons({"web1": facts}) == [python] and fresh({"web1": facts}, "blog")


def test_who_only_deploys_is_told_of_a_host_that_is_not_set_up() -> None:
    wish = replace(WISH, set_up=True)
    assert judge_host(wish, {**GOOD, "apps": LIVE}) == []
    (said,) = judge_host(wish, GOOD)
    assert said == "It is not set up for blog. Type: ansible-playbook slipway.flask.setup -i INVENTORY"


def test_an_app_may_hold_its_own_ports() -> None:
    own = {"8101": {"pid": 9, "command": "python", "unit": "slipway-blog.service"}, "8110": {"unit": "x"}}
    own["8102"] = {"pid": 0, "command": "", "unit": ""}  # of somebody, as a container tells it
    programs = {
        "blog": {"config": {}, "programs": {"web": {"port": 8100}}},
        "shop": {"programs": {"web": {"port": 8110}}},
    }
    assert judge_host(WISH, {**GOOD, "listeners": own, "apps": programs}) == []
    (stranger,) = judge_host(WISH, {**GOOD, "listeners": own})
    assert "port 8102 is held by a program (process 0, no unit)" in stranger


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"release": "11"}, "It runs debian 11; slipway.flask ships to Debian 12 and 13. Take it out of its group."),
        ({"distribution": "ubuntu", "release": "24.04"}, "It runs ubuntu 24.04"),
        ({"distribution": "", "release": ""}, "It runs unknown without a release number"),
        ({"python": ""}, "It has no /usr/bin/python3. Type: apt-get install python3"),
        ({"disk_free_mb": {"/srv": 9000, "/var": 300}}, "/var has 300 MB free, and this run needs 1024 MB."),
        ({"disk_free_mb": {"/srv": 200}, "apps": LIVE}, "/srv has 200 MB free, and this run needs 256 MB."),
        ({"memory_available_mb": 100}, "100 MB of memory are available, and this run needs 256 MB."),
        (
            {"listeners": {"80": {"pid": 5, "command": "apache2", "unit": "apache2.service"}}},
            "held by apache2 (process 5",
        ),
        (
            {"listeners": {"8101": {"pid": 9, "command": "node", "unit": "other.service"}}},
            "app_port is 8100, and port 8101 is held by node (process 9, other.service). Write another app_port.",
        ),
        (
            {"apps": {"shop": {"config": {}, "programs": {"web": {"port": 8095}, "mail": {"port": 0}, "bad": None}}}},
            "app_port is 8100, and the app shop there has 8095. Write app_port: 8105.",
        ),
        ({"apps": {"blog": {"config": {"root": "/opt/blog"}}}}, "write app_root: /opt/blog"),
        ({"apps": {"blog": {"config": {"user": "bob"}}}}, "write app_user: bob"),
        ({"apps": {"shop": {"config": {"user": "app-blog"}}}}, "app_user is app-blog, the user of the app shop there."),
    ],
)
def test_what_speaks_against_a_host(facts: dict[str, Any], said: str) -> None:
    (problem,) = judge_host(WISH, {**GOOD, **facts})
    assert said in problem


def test_a_live_host_needs_less_and_an_order_counts_more() -> None:
    assert judge_host(WISH, {**GOOD, "apps": LIVE, "disk_free_mb": {"/srv": 300}, "memory_available_mb": 100}) == []
    assert (
        judge_host(Wish("blog", "/srv/blog", "app-blog", disk_mb=0, memory_mb=0), {**GOOD, "disk_free_mb": {"/": 0}})
        == []
    )


def test_only_the_host_s_own_python() -> None:
    wish = Wish("blog", "/srv/blog", "app-blog", python="3.12")
    (problem,) = judge_host(wish, GOOD)
    assert 'Write app_python: "3.11", or remove the line.' in problem
    assert judge_host(wish, {**GOOD, "python": "3.12"}) == []


def test_a_foreign_site_is_in_the_way_until_it_is_adopted() -> None:
    path, file = "/etc/nginx/sites-enabled/old", "/etc/nginx/sites-available/old"
    site = {"path": path, "file": file, "line": 1, "app": "", "ours": False, "pristine": False}
    facts = {**GOOD, "front": {"nginx": {"sites": [{**site, "listens": ["80"], "names": ["a.org"]}]}}}
    (problem,) = judge_host(Wish("blog", "/srv/blog", "app-blog", domains=("a.org",)), facts)
    assert "already answers a.org" in problem
    assert judge_host(Wish("blog", "/srv/blog", "app-blog", domains=("a.org",), adopt=True), facts) == []


def test_a_lock_is_in_the_way_unless_it_can_be_taken_or_waited_for() -> None:
    facts = {**GOOD, "apps": {"blog": {"lock": ROW}}}

    def judged(wish: Wish = WISH, dead: bool = False, now: float = 120.0) -> list[str]:
        return judge_lock(wish, facts, RUN, lambda row: dead, now)

    (problem,) = judged()
    assert "anna@laptop" in problem and "for 2 min" in problem
    assert judged(dead=True) == judged(now=LEASE_SECONDS + 100.0) == []
    assert judged(Wish("blog", "/srv/blog", "app-blog", lock_wait=5)) == []
    assert judge_lock(WISH, GOOD, RUN, lambda row: False, 0.0) == []


def test_a_backup_that_is_being_brought_back_is_in_the_way_also_of_who_waits_for_locks() -> None:
    (problem,) = judge_restore("blog", {"restoring": ["blog"]})
    assert "slipway-restore@blog.service" in problem
    assert judge_restore("blog", {"restoring": ["shop"]}) == judge_restore("blog", {}) == []


def test_pythons_in_the_order_of_versions() -> None:
    assert pythons({"a": {"python": "3.13"}, "b": {"python": "3.9"}, "c": {"python": "3.13"}}) == ["3.9", "3.13"]


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from(["x", "y"]), unique=True)))
def test_each_sentence_once_with_all_its_hosts(problems: dict[str, list[str]]) -> None:
    said = by_host(problems)
    assert len(said) == len({text for texts in problems.values() for text in texts})
    for host, texts in problems.items():
        assert all(any(line.endswith(f": {text}") and host in line.split(":")[0] for line in said) for text in texts)


def test_fresh_are_hosts_of_which_none_serves_the_app() -> None:
    empty, other = {"apps": {}}, {"apps": {"shop": {"current": {"release": "a-b"}}}}
    ready, serving = {"apps": {"blog": {"current": None}}}, {"apps": {"blog": {"current": {"release": "a-b"}}}}
    assert fresh({"web1": empty, "web2": other, "web3": ready}, "blog")
    assert not fresh({"web1": empty, "web2": serving}, "blog")


def visited(port: int, **facts: Any) -> list[str]:
    return judge_host(replace(WISH, app_port=0, front="", server_port=port), {**GOOD, **facts})


def test_a_server_without_a_front_server_has_its_port_for_itself() -> None:
    own = {"blog": {**LIVE["blog"], "front": {"port": 80}}}
    assert visited(8080) == []
    assert visited(80, listeners={"80": {"pid": 5, "command": "sleep", "unit": "slipway-blog.service"}}) == []
    # a container may hide whose socket it is
    assert visited(80, apps=own, listeners={"80": {"pid": 0, "command": "", "unit": ""}}) == []
    assert visited(80) == [
        "Port 80 is held by nginx (process 5, nginx.service). Stop it, take it off this host, or give the app another"
        " port."
    ]
    shop = {"shop": {"config": {"root": "/srv/shop", "user": "app-shop"}, "front": {"port": 8080}}}
    assert visited(8080, apps=shop) == ["Visitors reach the app shop at port 8080 there. Give this one another port."]


def test_more_servers_than_memory_allows() -> None:
    assert judge_host(replace(WISH, processes=40), {**GOOD, "memory_mb": 1000}) == []
    (said,) = judge_host(replace(WISH, processes=41), {**GOOD, "memory_mb": 1000})
    assert said.startswith("41 processes would serve the app (slots times processes), which take 1025 MB at least")
