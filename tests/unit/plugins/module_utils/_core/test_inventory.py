# SPDX-License-Identifier: GPL-3.0-or-later
"""What groups say."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.inventory import (
    all_hosts,
    app_hosts,
    packages,
    roles,
    services,
    web_hosts,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.inventory_rules import judge_groups


def test_a_good_inventory_is_silent() -> None:
    groups = {"all": ["a", "b"], "ungrouped": [], "nginx_uwsgi": ["a", "b"], "web": ["a", "b"], "databases": []}
    assert judge_groups(groups) == ([], [])
    assert web_hosts(groups) == ["a", "b"]


def test_no_stack_says_what_there_is_and_what_to_write() -> None:
    (problem,), _warnings = judge_groups({"all": ["a"], "ungrouped": ["a"]})
    assert "it has no groups" in problem and "Write nginx_uwsgi: {hosts:" in problem
    (problem,), _warnings = judge_groups({"all": ["a"], "nginx-uwsgi": ["a"], "shop": ["a"]})
    assert "(it has nginx-uwsgi, shop). nginx-uwsgi looks like nginx_uwsgi." in problem


def test_everything_wrong_with_groups_at_once() -> None:
    groups = {
        "nginx_uwsgi": ["a", "b"],
        "apache_uwsgi": ["b"],
        "web": ["a", "c"],
        "databases": ["d", "e"],
        "brokers": ["f", "g"],
        "balancers": ["h"],
    }
    problems, warnings = judge_groups(groups)
    assert problems == [
        "b is in the groups nginx_uwsgi and apache_uwsgi: it may be in one only. Remove it from the others.",
        "b of nginx_uwsgi is not in the group web: write web: {children: {nginx_uwsgi: }}.",
        "b of apache_uwsgi is not in the group web: write web: {children: {apache_uwsgi: }}.",
        "c is in the group web but in no stack: write it under nginx_uwsgi, apache_uwsgi, gevent or tornado.",
        "d, e are in the group databases: an app has one database. Leave one of them there.",
        "f, g are 2 hosts in the group brokers: a majority has to agree on each message, so an even number can lose no"
        " more of them than one less. Make it 1, 3 or 5.",
    ]
    assert warnings == ["The group balancers comes later: this version of slipway.flask does nothing for h."]


def test_a_host_is_made_ready_for_each_of_its_parts_and_services_come_first() -> None:
    groups = {"nginx_uwsgi": ["a", "b"], "web": ["a", "b"], "databases": ["a"], "all": ["a", "b", "c"]}
    database, server = {"name": "postgresql", "entry": "main"}, {"name": "nginx_uwsgi", "entry": "main"}
    assert roles(groups) == {"a": [database, server], "b": [server]}
    assert services(groups) == {"databases": ["a"]}
    apart = {"nginx_uwsgi": ["b"], "web": ["b"], "databases": ["a"]}
    assert roles(apart) == {"a": [database], "b": [server]}
    assert all_hosts(apart) == ["b", "a"]


def test_workers_run_the_app_and_beside_its_servers_they_are_made_ready_with_them() -> None:
    groups = {"nginx_uwsgi": ["a"], "web": ["a"], "workers": ["a", "b"], "brokers": ["c"]}
    assert judge_groups(groups) == ([], [])
    assert app_hosts(groups) == ["a", "b"] and all_hosts(groups) == ["a", "b", "c"]
    broker, worker = ({"name": "rabbitmq_celery", "entry": entry} for entry in ("broker", "worker"))
    assert roles(groups) == {"c": [broker], "a": [{"name": "nginx_uwsgi", "entry": "main"}], "b": [worker]}


def test_who_leaves_has_no_part_any_more() -> None:
    groups = {"nginx_uwsgi": ["a"], "web": ["a"], "workers": ["b"], "retired": ["b", "c"]}
    (problem,), _warnings = judge_groups(groups)
    assert problem == "b is in the group retired, and in workers as well: remove it from there."


def test_servers_bring_their_packages() -> None:
    assert packages({"tornado": ["a"], "gevent": ["b"]}) == ["gevent", "psycogreen", "tornado", "whitenoise"]


def test_many_hosts_are_not_all_named() -> None:
    problems, _warnings = judge_groups({"nginx_uwsgi": list("abcdefgh"), "web": []})
    assert problems[0].startswith("a, b, c, d, e and 3 more of nginx_uwsgi")
