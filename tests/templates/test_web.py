# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an app and a server become programs and a site."""

from __future__ import annotations

import json
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
    "app_services": {},
    "web_slots": 2,
    "web_request_seconds": 60,
    "web_body_mb": 16,
    "web_connections": 1000,
}


def uwsgi(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = evaluate("uwsgi", "{{ __uwsgi_server }}", uwsgi_front="nginx", **APP | changes)
    return found


def python_server(library: str, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
    config = {"library": library, "port": "8080", "options": options}
    found: dict[str, Any] = evaluate(
        "python_server", "{{ __python_server_described }}", python_server_config=config, **APP | changes
    )
    return found


def part(name: str, server: dict[str, Any] | None = None, **changes: Any) -> Any:
    return evaluate("web", f"{{{{ __web_{name} }}}}", web_server=server or uwsgi(), **APP | changes)


def test_a_wsgi_callable_is_one_program_behind_a_socket():
    supervisor = part("supervisor")
    (program,) = supervisor["programs"]
    assert program["argv"] == ["{release}/venv/bin/uwsgi", "--ini", "/etc/slipway/blog/web.ini"]
    assert (program["name"], program["slots"], program["port"], program["stop_seconds"]) == ("web", 2, 0, 70)
    assert supervisor["background"] == []
    upstream = {"protocol": "uwsgi", "address": "unix:/run/slipway/blog/web.sock", "servers": []}
    assert part("site")["upstream"] == upstream
    assert part("site")["static"] == {"/": "/srv/blog/current/release/source/public"}


@pytest.mark.parametrize(
    ("tls", "packages"), [("off", []), (False, []), ("acme", ["certbot", "openssl"]), ("provided", ["openssl"])]
)
def test_packages(tls: object, packages: list[str]):
    assert part("packages", site_tls=tls) == ["nginx-light", *packages]
    apache = uwsgi() | {"front": "apache"}
    assert part("packages", apache, site_tls=tls) == ["apache2", "ssl-cert", *packages]


def test_a_server_is_as_large_as_its_host():
    facts = {"slipway": {"cores": 4, "memory_mb": 8192}}
    server = uwsgi(ansible_facts=facts)
    ini = server["files"][0]["content"]
    assert "\nprocesses = $(SLIPWAY_PROCESSES)\n" in ini and "\nreload-on-rss = 768\n" in ini
    assert server["program"]["processes"] == 4
    said = uwsgi(ansible_facts=facts, uwsgi_processes=1, uwsgi_memory_mb=300)
    assert said["program"]["processes"] == 1 and "\nreload-on-rss = 300\n" in said["files"][0]["content"]
    unseen = uwsgi()
    assert unseen["program"]["processes"] == 2 and "reload-on-rss" not in unseen["files"][0]["content"]


def test_apache_takes_no_answer_before_it_has_sent_all():
    assert "post-buffering" not in uwsgi()["files"][0]["content"]
    described = evaluate("uwsgi", "{{ __uwsgi_server }}", uwsgi_front="apache", **APP)
    assert "post-buffering = 65536" in described["files"][0]["content"]


def test_whoever_waits_for_a_request_waits_a_little_longer():
    ini = uwsgi(web_request_seconds=20)["files"][0]["content"]
    assert "harakiri = 20" in ini and "worker-reload-mercy = 20" in ini
    assert part("site", web_request_seconds="20")["timeout_seconds"] == 25
    assert part("program", web_request_seconds=20)["stop_seconds"] == 30


OF_NGINX = {"port": 80, "certificate": "", "unit": "nginx.service"}
OF_NOBODY = {"port": 80, "certificate": "", "unit": ""}


@pytest.mark.parametrize(
    ("before", "front", "crosses"),
    [
        (None, "nginx", False),
        (OF_NGINX, "nginx", False),
        (OF_NGINX, "apache", False),
        (OF_NGINX, "", True),
        (OF_NOBODY, "", False),
        (OF_NOBODY, "apache", True),
    ],
)
def test_programs_are_interrupted_only_where_the_port_changes_hands(before: object, front: str, crosses: bool):
    facts = {"slipway": {"apps": {"blog": {"front": before}} if before else {}}}
    assert part("crosses", uwsgi() | {"front": front}, ansible_facts=facts) is crosses


def test_a_move_takes_away_what_only_the_other_server_reads():
    server = python_server("gevent", {})
    gone = part("others_files", server)
    assert gone[:2] == ["/etc/slipway/blog/exempt", "/etc/slipway/blog/web.ini"]
    # nothing is renewed any more, and no key is kept
    assert "/etc/letsencrypt/renewal/slipway-blog.conf" in gone and "/etc/slipway/blog/provided.key" in gone
    assert part("others_files") == ["/etc/slipway/blog/exempt", "/etc/slipway/blog/web-options.json"]


def test_what_runs_beside_it_is_named_in_the_order_it_is_written():
    programs = {"scheduler": "x", "mailer": "y"}
    background = part("supervisor", app_programs=programs)["background"]
    assert [row["name"] for row in background] == ["scheduler", "mailer"]


@pytest.mark.parametrize(("slots", "ports"), [(1, ["8101"]), (2, ["8101", "8102"])])
def test_a_program_that_serves_by_itself_takes_the_servers_place(slots: int, ports: list[str]):
    own = {"app_programs": {"mail": "y", "web": "x"}, "web_slots": slots}
    supervisor = part("supervisor", **own)
    (program,) = supervisor["programs"]
    assert (program["name"], program["argv"], program["port"], program["slots"]) == ("web", [], 8100, slots)
    assert (supervisor["files"], [row["name"] for row in supervisor["background"]]) == ([], ["mail"])
    upstream = part("site", **own)["upstream"]
    assert upstream["servers"] == [f"127.0.0.1:{port}" for port in ports]
    assert (upstream["protocol"], upstream["address"]) == ("http", "slipway-blog")


def test_a_python_server_needs_no_front_server():
    server = python_server("tornado", {"threads": 5}, web_connections="500")
    assert (server["front"], server["program"]["socket"]) == ("", "tcp://0.0.0.0:8080")
    assert server["program"]["argv"][0] == "{release}/venv/bin/python"
    files = {file["path"]: file["content"] for file in server["files"]}
    assert json.loads(files["/etc/slipway/blog/site.json"]) == {"port": 8080, "certificate": "", "unit": ""}
    options = json.loads(files["/etc/slipway/blog/web-options.json"])
    assert (options["connections"], options["static"], options["threads"]) == (500, {"/": "public"}, 5)
    assert {"slipway_tornado.py", "slipway_serve.py"} <= {path.rpartition("/")[2] for path in files}
    assert part("packages", server, site_tls="acme") == []
