# SPDX-License-Identifier: GPL-3.0-or-later
"""How servers are sized, where they listen, and what they cannot do without a front server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import servers, tls
from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError, describe

APP = describe({"app_name": "blog", "app_source": "/src"})
PLAIN = tls.settle({})


def test_a_stack_has_a_port_where_nothing_stands_before_it() -> None:
    found = servers.settle({"gevent_port": "8080", "web_slots": 3})
    assert found.ports == {"nginx_uwsgi": 0, "apache_uwsgi": 0, "gevent": 8080, "tornado": 80}
    facts = {"cores": 4, "memory_mb": 8192}
    assert {stack: found.processes("blog", stack, facts) for stack in found.ports} == {
        "nginx_uwsgi": 12,
        "apache_uwsgi": 12,
        "gevent": 3,
        "tornado": 3,
    }
    assert servers.settle({"uwsgi_processes": 5}).processes("blog", "nginx_uwsgi", facts) == 10


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("gevent_port", 70000, "gevent_port is 70000 (a number): the highest port is 65535."),
        ("web_slots", -1, "web_slots is -1 (a number): write a whole number, 0 or more."),
        ("web_slots", 10, "web_slots is 10 (a number): 9 are the most. Give each slot more processes or threads."),
        ("uwsgi_threads", "many", 'uwsgi_threads is "many": write a whole number, 1 or more.'),
        ("tornado_handlers", "shop.live", 'tornado_handlers is "shop.live": write module:attribute, such as'),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(name: str, value: object, said: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        servers.settle({name: value})
    assert caught.value.problems[0].startswith(said)


def test_handlers_may_be_named_or_not() -> None:
    assert servers.settle({"tornado_handlers": "shop.live:handlers"}).handlers == "shop.live:handlers"
    assert servers.settle({"tornado_handlers": ""}).handlers == ""


def test_what_needs_a_front_server_is_refused_without_one() -> None:
    encrypted = tls.settle({"site_tls": "self_signed"})
    own = replace(APP, programs={"web": "./serve"})
    assert servers.judge_stacks(own, encrypted, ["nginx_uwsgi"]) == []
    assert servers.judge_stacks(APP, PLAIN, ["gevent", "tornado", "unknown"]) == []
    by_itself, over_tls = servers.judge_stacks(own, encrypted, ["gevent"])
    assert by_itself.startswith("app_programs.web serves by itself, and gevent puts nothing in front of it. Move")
    assert over_tls.startswith("site_tls is self_signed, and gevent speaks HTTP only. Move")
