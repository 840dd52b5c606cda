# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the stack translates an app into programs and a site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.render import evaluate

APP: dict[str, Any] = {
    "app_name": "blog",
    "app_root": "",
    "app_user": "",
    "app_static": {"/": "public"},
    "app_domains": [],
    "app_programs": {},
    "app_port": "8100",
    "uwsgi_program": {"name": "web", "argv": ["uwsgi"]},
    "uwsgi_files": [{"path": "/x", "content": ""}],
}


def part(name: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = evaluate("nginx_uwsgi", f"{{{{ __nginx_uwsgi_{name} }}}}", **APP | changes)
    return found


def test_a_wsgi_callable_is_one_program_behind_a_socket():
    supervisor = part("supervisor")
    assert (supervisor["programs"], supervisor["background"]) == ([APP["uwsgi_program"]], [])
    assert part("site")["upstream"]["servers"] == []
    assert part("site")["static"] == {"/": "/srv/blog/current/release/source/public"}


def test_what_runs_beside_it_is_named_in_the_order_it_is_written():
    programs = {"scheduler": "x", "mailer": "y"}
    assert part("supervisor", app_programs=programs)["background"] == ["scheduler", "mailer"]


@pytest.mark.parametrize(("slots", "ports"), [(1, ["8101"]), (2, ["8101", "8102"])])
def test_a_program_that_serves_by_itself_takes_the_servers_place(slots: int, ports: list[str]):
    own = {"app_programs": {"mail": "y", "web": "x"}, "nginx_uwsgi_slots": slots}
    supervisor = part("supervisor", **own)
    (program,) = supervisor["programs"]
    assert (program["name"], program["argv"], program["port"], program["slots"]) == ("web", [], 8100, slots)
    assert (supervisor["files"], supervisor["background"]) == ([], ["mail"])
    upstream = part("site", **own)["upstream"]
    assert upstream["servers"] == [f"127.0.0.1:{port}" for port in ports]
    assert (upstream["protocol"], upstream["address"]) == ("http", "slipway-blog")
