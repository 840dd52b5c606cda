# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site's text. That nginx takes it is asked on hosts, where nginx is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.slipway.flask.plugins.module_utils._core import nginx
from tests.templates.render import evaluate, render

CLOSED = "if (-f /etc/slipway/blog/$slipway_blog_page) { return 503; }"


def config(**changes: Any) -> dict[str, Any]:
    upstream = {"protocol": "uwsgi", "address": "unix:/run/slipway/blog/web.sock", "servers": []}
    usual = {"name": "blog", "provider": "nginx", "upstream": upstream, "domains": [], "static": {}}
    return {**usual, "max_body_mb": 16, "timeout_seconds": 65, **changes}


def site(facts: dict[str, Any] | None = None, **changes: Any) -> str:
    return render("site", "nginx_site.conf.j2", site_config=config(**changes), ansible_facts={"slipway": facts or {}})


def has(text: str, *lines: str) -> bool:
    """Whether these lines stand there, one after the other, however far they are indented."""
    found = "\n".join(line.strip() for line in text.splitlines())
    return "\n".join(lines) in found


def test_without_domains_it_answers_every_name():
    (server,) = nginx.servers(site())
    assert server.listens == ["80 default_server", "[::]:80 default_server"]
    assert server.names == ["_"]


def test_with_domains_it_answers_those():
    (server,) = nginx.servers(site(domains=["blog.example", "www.blog.example"]))
    assert server.listens == ["80", "[::]:80"]
    assert server.names == ["blog.example", "www.blog.example"]


def test_a_host_without_ipv6_is_not_asked_for_it():
    (server,) = nginx.servers(site({"ipv6": False}))
    assert server.listens == ["80 default_server"]


def test_the_survey_sees_whose_site_it_is():
    assert nginx.owner_of(site()) == "blog"


def test_uwsgi_is_spoken_to_uwsgi():
    text = site()
    assert has(text, "include uwsgi_params;")
    assert has(text, "location / {", CLOSED, "uwsgi_pass unix:/run/slipway/blog/web.sock;", "}")
    assert "proxy_" not in text.replace("gzip_proxied", "").replace("$proxy_add_x", "")


def test_http_is_spoken_to_http():
    text = site(upstream={"protocol": "http", "address": "127.0.0.1:8001", "servers": []})
    assert has(text, "location / {", CLOSED, "proxy_pass http://127.0.0.1:8001;", "}")
    assert has(text, "proxy_set_header Host $host;")
    assert "uwsgi" not in text


@pytest.mark.parametrize("protocol", ["uwsgi", "http"])
def test_the_app_learns_who_asks_and_a_request_is_sent_once(protocol):
    text = site(upstream={"protocol": protocol, "address": "unix:/run/x.sock", "servers": []})
    word = {"uwsgi": "uwsgi", "http": "proxy"}[protocol]
    assert "$proxy_add_x_forwarded_for;" in text
    assert has(text, f"{word}_next_upstream off;")
    assert has(text, f"{word}_read_timeout 65s;")


def test_limits():
    text = site(max_body_mb=3, timeout_seconds=9)
    assert has(text, "client_max_body_size 3m;")
    assert has(text, "uwsgi_send_timeout 9s;", "uwsgi_read_timeout 9s;")


@pytest.mark.parametrize("prefix", ["/static", "/static/", "/static//"])
@pytest.mark.parametrize("folder", ["/srv/blog/current/release/source/s", "/srv/blog/current/release/source/s/"])
def test_static_files_go_past_the_app_and_never_out_of_their_folder(prefix, folder):
    """Were only one side to end with a slash, /static../ would lead out of the folder."""
    text = site(static={prefix: folder})
    assert has(text, "location ^~ /static/ {", "alias /srv/blog/current/release/source/s/;")
    assert has(text, "location ~ /\\.(?!well-known/) { return 404; }")
    assert "disable_symlinks if_not_owner from=$document_root;" in text
    assert "open_file_cache off;" in text


def test_static_files_at_the_root_leave_the_rest_to_the_app():
    text = site(static={"/": "/srv/blog/current/release/source/public", "/m": "/srv/m"})
    assert text.count("location ^~ / {") == 1
    assert text.count("location ^~ /m/ {") == 1
    assert "location / {" not in text
    assert has(text, "location @app {", CLOSED, "uwsgi_pass unix:/run/slipway/blog/web.sock;", "}")


def test_braces_are_balanced():
    text = site(static={"/a": "/x", "/b": "/y"}, domains=["blog.example"])
    assert text.count("{") == text.count("}")


def test_unknown_names_are_refused():
    text = render("site", "nginx_refuser.conf.j2", site_config=config())
    (server,) = nginx.servers(text)
    assert nginx.owner_of(text) == "-"
    assert server.listens == ["80 default_server", "[::]:80 default_server"]
    assert has(text, "return 444;")


def test_the_log_says_how_long_a_request_took():
    text = render("site", "nginx_shared.conf.j2", site_config=config())
    assert "log_format slipway" in text
    assert "$request_time $upstream_response_time" in text
    assert "access_log /var/log/nginx/blog.access.log slipway;" in site()


@pytest.mark.parametrize(("refuse", "count"), [(True, 1), (False, 0)])
def test_the_site_that_refuses_is_placed_or_removed(refuse, count):
    fit = {"problems": [], "displaced": [], "refuse_unknown": refuse}
    assert len(evaluate("site", "{{ __site_refusers }}", site_config=config(), __site_fit=fit)) == count
    assert len(evaluate("site", "{{ __site_refuser_links }}", site_config=config(), __site_fit=fit)) == count
    assert len(evaluate("site", "{{ __site_needless }}", site_config=config(), __site_fit=fit)) == 1 - count


def test_servers_at_several_ports_are_asked_in_turn():
    upstream = {"protocol": "http", "address": "slipway-blog", "servers": ["127.0.0.1:8101", "127.0.0.1:8102"]}
    scenario = {"site_config": config(upstream=upstream), "ansible_facts": {"slipway": {}}}
    text = evaluate("site", "{{ __site_own.content }}", **scenario)
    assert has(text, "location / {", CLOSED, "proxy_pass http://slipway-blog;", "}")
    assert "proxy_next_upstream error;" in text
    assert has(text, "server 127.0.0.1:8101 max_fails=0;", "server 127.0.0.1:8102 max_fails=0;", "}")
    assert nginx.owner_of(text) == "blog" and len(nginx.servers(text)) == 1


def test_who_is_let_in_is_sent_to_another_file_than_the_page():
    text = site(name="a-blog")
    assert has(text, "geo $slipway_a_blog_page {", "default maintenance.html;", "127.0.0.0/8 none;", "::1 none;")
    assert "include /etc/nginx/snippets/slipway-a-blog-exempt.conf;" in text
    assert "alias /etc/slipway/a-blog/maintenance.html;" in text


def of_maintenance(expression, **variables):
    return evaluate("site", expression, site_maintenance={"name": "blog", "closed": True}, **variables)


def test_the_page_is_the_users_as_it_stands(tmp_path):
    (tmp_path / "closed.html").write_text("<h1>Till {{ noon }}</h1>\n")
    mine = {"inventory_dir": str(tmp_path), "site_maintenance_page": "closed.html"}
    assert of_maintenance("{{ __site_page.content }}", **mine) == "<h1>Till {{ noon }}</h1>\n"
    assert of_maintenance("{{ __site_page.path }}", **mine) == "/etc/slipway/blog/maintenance.html"
    assert "Back soon" in of_maintenance("{{ __site_page.content }}")


def test_who_is_exempt_is_a_file_of_its_own():
    networks = ["203.0.113.0/24", "2001:db8::7"]
    text = of_maintenance("{{ __site_guests.content }}", site_maintenance_exempt=networks)
    assert text == "203.0.113.0/24 none;\n2001:db8::7/128 none;\n"
    assert of_maintenance("{{ __site_guests.content }}") == ""


def test_a_slip_in_the_addresses_is_said():
    with pytest.raises(AnsibleError, match=r'entry 1, is "10.0.0.1/8": write an address or a network'):
        of_maintenance("{{ __site_guests.content }}", site_maintenance_exempt=["10.0.0.1/8"])
