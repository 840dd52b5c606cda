# SPDX-License-Identifier: GPL-3.0-or-later
"""What every stack does; everything else is tried on nginx_uwsgi."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from . import inside, measured
from .browser import Browsers
from .commits import IN_A_SLOT, IN_TRIAL, QUICK, after, unwell
from .ground import Ground
from .load import SHARE, capacity
from .probe import Probe
from .project import Edit
from .test_load import figures, load_while
from .test_operations import closed, maintain

OWN: Mapping[str, Mapping[str, Any]] = {
    "nginx_uwsgi": {},
    "apache_uwsgi": {},
    "gevent": {},
    "tornado": {"tornado_handlers": "webapp.live:handlers"},
}


def tried_with(*names: str) -> pytest.MarkDecorator:
    """In make test; with the other stacks in make soak."""
    marks = {name: [] if name in names else [pytest.mark.soak] for name in OWN}
    return pytest.mark.parametrize("stack", [pytest.param(name, marks=marks[name]) for name in OWN], indirect=True)


# what servers of one kind do alike: uWSGI, and those in Python
one_of_each = tried_with("nginx_uwsgi", "gevent")
OF_SLOTS = "/var/log/slipway/blog/web-*.log"
OF_FRONT = {"nginx": "/var/log/nginx/blog.access.log", "apache": "/var/log/apache2/blog.access.log"}
SLOW_SECONDS = 5
SLOW = f"""
import time


@bp.get("/slow")
def slow() -> str:
    time.sleep({SLOW_SECONDS})
    return "slow, and answered"
"""
# What a release does that no test of its developer sees.
DIES = f"if {IN_TRIAL}:\n    import threading\n    threading.Timer(2, os._exit, [1]).start()\n"
LEAKS = f"    if {IN_TRIAL}:\n        globals().setdefault('kept', []).append(bytearray(80_000_000))\n"
HANGS = f"    if {IN_TRIAL}:\n        __import__('time').sleep(600)\n"
BAD: Mapping[str, tuple[Callable[[str], str], str]] = {
    "dies after two seconds": (after("import os", DIES), "trial"),
    "leaks": (after("def healthz", LEAKS), "leaks"),
    "hangs": (after("def healthz", HANGS), "trial"),
    "fails once it is live": (unwell(IN_A_SLOT), "the search index is missing"),
}


@pytest.fixture(scope="module", params=OWN)
def stack(request: pytest.FixtureRequest, ground: Callable[..., Ground]) -> Ground:
    """The blog on a host that was bare, served by one of them."""
    sized = {"web_request_seconds": SLOW_SECONDS + 5}
    here = ground(f"stack-{request.param}", stack=request.param, **QUICK, **sized, **OWN[request.param])
    here.play("site").good()
    return here


def server(here: Ground) -> str:
    """Who answers visitors: the first word of the stack's name."""
    return here.name.removeprefix("stack-").partition("_")[0].partition("-")[0]


def logs(here: Ground) -> str:
    """Where requests are noted."""
    return OF_FRONT.get(server(here), OF_SLOTS)


@pytest.fixture
def browsers(tmp_path: Path) -> Iterator[Browsers]:
    with Browsers(tmp_path) as made:
        yield made


@pytest.fixture
def there(stack: Ground) -> Iterator[Ground]:
    yield stack
    stack.project.reset()


def test_a_second_run_changes_nothing(stack: Ground) -> None:
    run = stack.play("site").good()
    assert run.changed == 0 and run.remote_steps <= 10
    assert stack.live() == stack.project.head
    assert inside.well(stack.host) == []
    assert server(stack) == "nginx" or not inside.sh(stack.host, "ls /etc/nginx 2>/dev/null || true")


def test_nobody_notices_on_any_stack(there: Ground) -> None:
    there.play("deploy").good()
    load_while(there, there, 1, 1, SHARE * capacity(f"{there.url}/"), logs(there))
    assert inside.well(there.host) == []
    # the holder of the socket has served meanwhile, and holds it again
    served = "(accepting)" if server(there) in OF_FRONT else '" 200 '
    assert served in inside.sh(there.host, "cat /var/log/slipway/blog/web-0.log")
    assert inside.half_made(there.host) == []


@pytest.mark.soak
def test_figures_of_every_stack(there: Ground, ground: Callable[..., Ground]) -> None:
    name = there.name.removeprefix("stack-").partition("-")[0]
    other = ground(f"other-{name}", stack=name, **QUICK, **OWN[name])
    for each in (other, there):
        each.play("site").good()
    measured.keep(f"load-{name}", figures(there, other, logs(there)))


def slow(connection: http.client.HTTPConnection) -> str:
    with contextlib.closing(connection):
        connection.request("GET", "/slow")
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read().decode()


@one_of_each
def test_a_slow_request_is_answered_while_its_slot_is_restarted(there: Ground) -> None:
    there.project.commit("Something slow", {"webapp/health.py": lambda old: old + SLOW})
    there.play("deploy").good()
    there.project.new_page("What comes next")
    asked = []
    with there.start("deploy") as playing, ThreadPoolExecutor(100) as pool:
        while playing.running:
            kept = http.client.HTTPConnection("127.0.0.1", there.host.http_port, timeout=60)
            kept.request("GET", "/version")
            kept.getresponse().read()
            new = http.client.HTTPConnection("127.0.0.1", there.host.http_port, timeout=60)
            asked += [pool.submit(slow, connection) for connection in (kept, new)]
            time.sleep(0.7)
        answers = [future.result() for future in asked]
        playing.wait().good()
    assert len(answers) > 8 and set(answers) == {"slow, and answered"}


def test_comments_appear_by_themselves_also_while_a_deploy_runs(there: Ground, browsers: Browsers) -> None:
    """Over a WebSocket on Tornado, by asking every few seconds elsewhere."""
    reader, writer = browsers.who_joins(there.url, "nadia"), browsers.who_joins(there.url, "omar")
    reader.writes("Are you there?", "Please answer.")
    reader.remembers()
    writer.goes(reader.place)
    writer.comments("I am.")
    reader.sees(["I am."])
    there.project.new_page("Shipped while people talk")
    said = ["I am."]
    with there.start("deploy") as playing:
        while playing.running:
            said.append(f"And {len(said)} more.")
            writer.comments(said[-1])
            time.sleep(0.5)
        playing.wait().good()
    reader.sees(said)
    assert reader.has_not_loaded_anew()
    over_sockets = int(inside.sh(there.host, f"cat {logs(there)} | grep -c '/live HTTP/1.1\" 101' || true"))
    assert bool(over_sockets) is (server(there) == "tornado")


@one_of_each
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_release_serves_nobody(there: Ground, kind: str) -> None:
    edit, said = BAD[kind]
    old = there.live()
    edits: dict[str, Edit] = {"webapp/health.py": edit}
    there.project.commit(f"A release that {kind}", edits)
    with Probe(there.url) as probe:
        there.play("deploy").bad(said)
    probe.unbroken()
    assert set(probe.commits) == {old} or kind == "fails once it is live"
    assert there.live() == old
    assert inside.well(there.host) == []


# that of nginx is tried in test_operations, that of Apache in test_apache
@tried_with("gevent")
def test_maintenance(there: Ground) -> None:
    assert maintain(there, "on").changed == 1
    assert maintain(there, "on").changed == 0
    assert closed(there).status == 503 and "Back soon" in closed(there).page
    there.play("deploy").good()
    address = inside.sh(there.host, f"cat {logs(there)} | grep python-urllib -i | grep -v ^127 | tail -1").split()[0]
    maintain(there, "on", site_maintenance_exempt=[address])
    assert there.live()
    assert maintain(there, "off").changed == 1
    assert there.live() == there.project.head
