# SPDX-License-Identifier: GPL-3.0-or-later
"""A host changes its group, and `site` does the rest: every stack can be left for every other one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest

from . import inside
from .commits import QUICK
from .ground import Ground

# each of the four is left for each of the other three
CIRCUIT = (
    *("nginx_uwsgi", "apache_uwsgi", "gevent", "tornado", "nginx_uwsgi", "gevent", "nginx_uwsgi", "tornado"),
    *("gevent", "apache_uwsgi", "tornado", "apache_uwsgi", "nginx_uwsgi"),
)
# how a stack shows on a host: the command that listens on port 80
LISTENS = {"nginx_uwsgi": "nginx", "apache_uwsgi": "apache2", "gevent": "supervisord", "tornado": "supervisord"}
FRONTS: Mapping[str, str] = {"nginx_uwsgi": "nginx", "apache_uwsgi": "apache2"}


@pytest.fixture(scope="module")
def moving(ground: Callable[..., Ground]) -> Ground:
    here = ground("moves", stack=CIRCUIT[0], **QUICK)
    here.play("site").good()
    return here


def traces(here: Ground, stack: str) -> list[str]:
    """What a stack leaves that the host no longer has."""
    sites = "/etc/nginx/sites-* /etc/apache2/sites-* /etc/nginx/snippets /etc/apache2"
    found = inside.sh(here.host, f"find {sites} -maxdepth 1 -name '*blog*' 2>/dev/null || true").split()
    unit = FRONTS.get(stack)
    if unit:
        found = [path for path in found if unit in path]
        running = inside.sh(here.host, f"systemctl is-active {unit} || true; systemctl is-enabled {unit} || true")
        return [*found, *(word for word in running.split() if word in ("active", "enabled"))]
    return inside.sh(here.host, "ls /etc/slipway/blog/web-options.json 2>/dev/null || true").split()


def test_every_direction_is_there() -> None:
    assert len(set(pairwise(CIRCUIT))) == 12


# with the first of them each stack is left once and come to once; the others when there is time
FIRST = 4
MOVES = [
    pytest.param(*move, marks=[pytest.mark.soak] if number >= FIRST else [])
    for number, move in enumerate(pairwise(CIRCUIT))
]


@pytest.mark.parametrize(("old", "new"), MOVES)
def test_a_host_moves(moving: Ground, old: str, new: str) -> None:
    before = inside.live(moving.host)
    moving.regroup(old, new)
    moving.play("site").good()
    assert moving.live() == moving.project.head
    assert inside.sh(moving.host, "ss -Hltnp 'sport = :80'").count(f'"{LISTENS[new]}"')
    assert inside.well(moving.host) == []
    if FRONTS.keys() >= {old, new}:
        assert inside.live(moving.host) == before  # uWSGI needs the same packages: it is the same release
    if not {old, new} <= {"gevent", "tornado"}:
        assert traces(moving, old) == []
    again = moving.play("site").good()
    assert again.changed == 0
