# SPDX-License-Identifier: GPL-3.0-or-later
"""What groups say, and what hosts of one app must agree on."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.inventory import (
    judge_agreement,
    judge_groups,
    packages,
    web_hosts,
)


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
    groups = {"nginx_uwsgi": ["a", "b"], "apache_uwsgi": ["b"], "web": ["a", "c"], "databases": ["d"]}
    problems, warnings = judge_groups(groups)
    assert problems == [
        "b is in the groups nginx_uwsgi and apache_uwsgi: it may be in one only. Remove it from the others.",
        "b of nginx_uwsgi is not in the group web: write web: {children: {nginx_uwsgi: }}.",
        "b of apache_uwsgi is not in the group web: write web: {children: {apache_uwsgi: }}.",
        "c is in the group web but in no stack: write it under nginx_uwsgi, apache_uwsgi, gevent or tornado.",
    ]
    assert warnings == ["The group databases comes later: this version of slipway.flask does nothing for d."]


def test_servers_bring_their_packages() -> None:
    assert packages({"tornado": ["a"], "gevent": ["b"]}) == ["gevent", "psycogreen", "tornado", "whitenoise"]


def test_many_hosts_are_not_all_named() -> None:
    problems, _warnings = judge_groups({"nginx_uwsgi": list("abcdefgh"), "web": []})
    assert problems[0].startswith("a, b, c, d, e and 3 more of nginx_uwsgi")


def test_an_app_has_one_version_and_each_host_its_own_secrets() -> None:
    rows = {
        "a": {"app_version": "v1", "app_secrets": {"A": "1"}, "app_name": "x"},
        "b": {"app_version": "v2", "app_name": "x"},
        "c": {"app_name": "x", "app_secrets": {"A": "2"}},
    }
    assert judge_agreement(rows) == [
        'app_version is "v1" on a; app_version is "v2" on b; app_version is not set on c.'
        " It has to be the same for all hosts: set it once, in group_vars/all.yml."
    ]
