# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site's text. That nginx takes it is asked on hosts, where nginx is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.slipway.flask.plugins.module_utils._core import apache, fronts, nginx
from tests.templates.render import evaluate, placed, render

CLOSED = "if (-f /etc/slipway/blog/$slipway_blog_page) { return 503; }"


def config(**changes: Any) -> dict[str, Any]:
    upstream = {"protocol": "uwsgi", "address": "unix:/run/slipway/blog/web.sock", "servers": []}
    usual = {"name": "blog", "provider": "nginx", "upstream": upstream, "domains": [], "static": {}}
    return {**usual, "max_body_mb": 16, "timeout_seconds": 65, **changes}


def site(facts: dict[str, Any] | None = None, tls: dict[str, Any] | None = None, **changes: Any) -> str:
    scenario = {"site_config": config(**changes), "ansible_facts": {"slipway": facts or {}}, **(tls or {})}
    return own(scenario)


def own(scenario: dict[str, Any]) -> str:
    (text,) = placed("site", "{{ [__site_own] }}", **scenario).values()
    return text


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
    assert fronts.owner_of(site()) == "blog"


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


def refuser(*ports: str) -> str:
    fit = {"problems": [], "displaced": [], "refused": [*ports]}
    return render("site", "nginx_refuser.conf.j2", site_config=config(), __site_fit=fit)


def test_unknown_names_are_refused():
    text = refuser("80")
    (server,) = nginx.servers(text)
    assert fronts.owner_of(text) == "-"
    assert server.listens == ["80 default_server", "[::]:80 default_server"]
    assert has(text, "return 444;") and "ssl" not in text


def test_unknown_names_are_refused_before_a_certificate_is_shown():
    text = refuser("80", "443")
    (server,) = nginx.servers(text)
    assert server.listens[2:] == ["443 ssl default_server", "[::]:443 ssl default_server"]
    assert has(text, "ssl_reject_handshake on;")


CLEAR = {"site_tls": "off"}
SIGNED = {"site_tls": "self_signed"}
ASKED = {"site_tls": "acme"}
ISSUED = {"certificates": ["slipway-blog"]}


@pytest.mark.parametrize("off", [False, "off", ""])
def test_off_is_off_however_yaml_reads_it(off):
    assert site(tls={"site_tls": off}) == site()


def test_with_tls_the_port_of_http_leads_to_it():
    text = site(tls=SIGNED, domains=["blog.example"])
    first, second = nginx.servers(text)
    assert (first.listens, second.listens) == (["80", "[::]:80"], ["443 ssl", "[::]:443 ssl"])
    assert first.names == second.names == ["blog.example"]
    assert has(text, "location / {", "return 301 https://$host$request_uri;", "}")
    assert has(text, "http2 on;", "include snippets/slipway-tls.conf;")
    assert has(text, "ssl_certificate /etc/slipway/blog/self_signed.pem;")
    assert "acme-challenge" not in text and "Strict-Transport" not in text
    assert text.count("{") == text.count("}")


def test_an_older_nginx_is_told_of_http2_where_it_listens():
    text = site({"release": "12"}, SIGNED)
    assert nginx.servers(text)[1].listens[0] == "443 ssl http2 default_server"
    assert "http2 on" not in text


def test_a_site_serves_before_an_authority_is_asked():
    text = site(tls=ASKED, domains=["blog.example"])
    (server,) = nginx.servers(text)
    assert server.listens == ["80", "[::]:80"]
    assert has(text, "location ^~ /.well-known/acme-challenge/ {", "root /var/lib/slipway-acme;")
    assert "ssl" not in text


@pytest.mark.parametrize(("facts", "more"), [(ISSUED, {}), ({}, {"__site_certified": True})])
def test_a_certificate_of_an_authority_is_served_once_it_is_there(facts, more):
    text = site(facts, ASKED | more, domains=["blog.example"])
    assert has(text, "ssl_certificate /etc/letsencrypt/live/slipway-blog/fullchain.pem;")
    assert has(text, "ssl_certificate_key /etc/letsencrypt/live/slipway-blog/privkey.pem;")
    assert text.index("acme-challenge") < text.index("listen 443")
    assert "ssl" not in site({"certificates": ["slipway-blog-2"]}, ASKED | {"site_hsts_seconds": 1})


def test_over_tls_only_files_are_compressed():
    static = {"/static": "/srv/static"}
    assert [line for line in site(tls=SIGNED, static=static).split("\n") if " gzip o" in line] == [
        "    gzip off;",
        "        gzip on;",
    ]
    assert has(site(static=static), "gzip on;", "gzip_vary on;")


def test_hsts_is_said_once_and_in_maintenance_too():
    text = site(tls=SIGNED | {"site_hsts_seconds": 63072000})
    line = 'add_header Strict-Transport-Security "max-age=63072000" always;'
    assert text.count(line) == 2
    assert has(text, "uwsgi_hide_header Strict-Transport-Security;")


@pytest.mark.parametrize(
    ("tls", "facts", "front"),
    [
        (CLEAR, {}, {"port": 80, "certificate": ""}),
        (SIGNED, {}, {"port": 443, "certificate": "/etc/slipway/blog/self_signed.pem"}),
        (ASKED, {}, {"port": 80, "certificate": ""}),
        (ASKED, ISSUED, {"port": 443, "certificate": "/etc/letsencrypt/live/slipway-blog/fullchain.pem"}),
    ],
)
def test_deploys_are_told_where_to_ask(tls, facts, front):
    text = evaluate("site", "{{ __site_front.content }}", site_config=config(), ansible_facts={"slipway": facts}, **tls)
    assert json.loads(text) == {**front, "unit": "nginx.service"}
    scenario = {"site_config": config(provider="apache"), "ansible_facts": {"slipway": facts}, **tls}
    text = evaluate("site", "{{ __site_front.content }}", **scenario)
    assert json.loads(text) == {**front, "unit": "apache2.service"}


def test_a_certificate_that_was_brought_is_placed_with_the_site(tmp_path):
    (tmp_path / "chain.pem").write_text("-----BEGIN CERTIFICATE-----\nx\n")
    given = {"site_tls": "provided", "site_tls_certificate": "chain.pem", "site_tls_key": "-----BEGIN KEY-----\ny"}
    scenario = {"site_config": config(), "inventory_dir": str(tmp_path), **given}
    chain, private = evaluate("site", "{{ __site_files_of_tls }}", **scenario)
    assert chain == {"path": "/etc/slipway/blog/provided.pem", "content": "-----BEGIN CERTIFICATE-----\nx\n"}
    assert private["content"] == "-----BEGIN KEY-----\ny\n"
    assert (private["mode"], private["secret"]) == ("0600", True)


def test_what_is_no_longer_wanted_is_no_longer_renewed():
    gone = "/etc/letsencrypt/renewal/slipway-blog.conf"
    assert gone in evaluate("site", "{{ __site_unrenewed }}", site_config=config(), site_tls="off")
    assert gone not in evaluate("site", "{{ __site_unrenewed }}", site_config=config(), site_tls="acme")


def test_the_log_says_how_long_a_request_took():
    text = render("site", "nginx_shared.conf.j2", site_config=config())
    assert "log_format slipway" in text
    assert "$request_time $upstream_response_time" in text
    assert "access_log /var/log/nginx/blog.access.log slipway;" in site()


@pytest.mark.parametrize(("refused", "count"), [(["80"], 1), ([], 0)])
def test_the_site_that_refuses_is_placed_or_removed(refused, count):
    fit = {"problems": [], "displaced": [], "refused": refused}
    assert len(evaluate("site", "{{ __site_refusers }}", site_config=config(), __site_fit=fit)) == count
    assert len(evaluate("site", "{{ __site_refuser_links }}", site_config=config(), __site_fit=fit)) == count
    assert len(evaluate("site", "{{ __site_unrefused }}", site_config=config(), __site_fit=fit)) == 1 - count


def test_servers_at_several_ports_are_asked_in_turn():
    upstream = {"protocol": "http", "address": "slipway-blog", "servers": ["127.0.0.1:8101", "127.0.0.1:8102"]}
    text = site(upstream=upstream)
    assert has(text, "location / {", CLOSED, "proxy_pass http://slipway-blog;", "}")
    assert "proxy_next_upstream error;" in text
    assert has(text, "server 127.0.0.1:8101 max_fails=0;", "server 127.0.0.1:8102 max_fails=0;", "}")
    assert fronts.owner_of(text) == "blog" and len(nginx.servers(text)) == 1


def test_who_is_let_in_is_sent_to_another_file_than_the_page():
    text = site(name="a-blog")
    assert has(text, "geo $slipway_a_blog_page {", "default maintenance.html;", "127.0.0.0/8 none;", "::1 none;")
    assert "include /etc/nginx/snippets/slipway-a-blog-exempt.conf;" in text
    assert "alias /etc/slipway/a-blog/maintenance.html;" in text


def of_maintenance(file, **variables):
    """Where it lies, and what stands in it."""
    closed = {"name": "blog", "closed": True, "front": "nginx"}
    ((path, text),) = placed("site", f"{{{{ [{file}] }}}}", site_maintenance=closed, **variables).items()
    return path, text


def test_the_page_is_the_users_as_it_stands(tmp_path):
    (tmp_path / "closed.html").write_text("<h1>Till {{ noon }}</h1>\n")
    mine = {"inventory_dir": str(tmp_path), "site_maintenance_page": "closed.html"}
    page = "/etc/slipway/blog/maintenance.html"
    assert of_maintenance("__site_page", **mine) == (page, "<h1>Till {{ noon }}</h1>\n")
    assert "Back soon" in of_maintenance("__site_page")[1]


def test_who_is_exempt_is_a_file_of_its_own():
    networks = ["203.0.113.0/24", "2001:db8::7"]
    _, text = of_maintenance("__site_door", site_maintenance_exempt=networks)
    assert text == "203.0.113.0/24 none;\n2001:db8::7/128 none;\n"
    assert of_maintenance("__site_door")[1] == ""


def test_a_slip_in_the_addresses_is_said():
    with pytest.raises(AnsibleError, match=r'entry 1, is "10.0.0.1/8": write an address or a network'):
        of_maintenance("__site_door", site_maintenance_exempt=["10.0.0.1/8"])


def of_apache(expression: str, facts: Any = None, tls: Any = None, **changes: Any) -> Any:
    return evaluate("site", f"{{{{ {expression} }}}}", **with_apache(facts, tls, changes))


def apache_site(tls: Any = None, **changes: Any) -> str:
    return own(with_apache(None, tls, changes))


def with_apache(facts: Any, tls: Any, changes: dict[str, Any]) -> dict[str, Any]:
    seen = {"ansible_facts": {"slipway": facts or {}}}
    return {"site_config": config(provider="apache", **changes), **seen, **(tls or {})}


def test_apache_answers_every_name_or_those_that_it_is_given():
    (every,) = apache.servers(apache_site())
    assert (every.listens, every.names) == (["*:80 default_server"], [])
    (named,) = apache.servers(apache_site(domains=["blog.example", "www.blog.example"]))
    assert (named.listens, named.names) == (["*:80"], ["blog.example", "www.blog.example"])
    assert fronts.owner_of(apache_site()) == "blog"


def test_apache_reads_who_answers_every_name_first():
    def links(**changes: Any) -> list[str]:
        return [link["path"] for link in of_apache("__site_place.links", **changes) if "sites" in link["path"]]

    enabled = "/etc/apache2/sites-enabled/"
    assert links() == [f"{enabled}00-blog.conf"] and f"{enabled}blog.conf" in of_apache("__site_place.absent")
    assert links(domains=["a.example"]) == [f"{enabled}blog.conf"]
    assert f"{enabled}00-blog.conf" in of_apache("__site_place.absent", domains=["a.example"])
    refuser = of_apache("__site_refuser_link", domains=["a.example"])["path"]
    assert sorted([refuser, f"{enabled}blog.conf", f"{enabled}000-default.conf"])[0] == refuser


def test_apache_speaks_uwsgi_to_a_socket_and_http_to_ports():
    text = apache_site()
    assert '"unix:/run/slipway/blog/web.sock|uwsgi://slipway-blog/" retry=0 connectiontimeout=5 timeout=65\n' in text
    one = {"protocol": "http", "address": "127.0.0.1:8001", "servers": []}
    text = apache_site(upstream=one)
    assert 'ProxyPass "/" "http://127.0.0.1:8001/" retry=0 connectiontimeout=5 timeout=65 disablereuse=On\n' in text
    several = {"protocol": "http", "address": "slipway-blog", "servers": ["127.0.0.1:8101", "127.0.0.1:8102"]}
    text = apache_site(upstream=several)
    assert has(text, 'BalancerMember "http://127.0.0.1:8102" retry=0 connectiontimeout=5 timeout=65 disablereuse=On')
    assert 'ProxyPass "/" "balancer://slipway-blog/"\n' in text


def modules(**given: Any) -> set[str]:
    links = of_apache("__site_place.links", **given)
    return {link["path"].rpartition("/")[2] for link in links if "mods-enabled" in link["path"]}


def test_apache_loads_what_it_needs():
    plain = modules()
    assert {"proxy_uwsgi.load", "mpm_event.load", "mpm_event.conf", "rewrite.load"} <= plain
    assert modules(tls=SIGNED) - plain == {"http2.load", "socache_shmcb.load", "ssl.conf", "ssl.load"}
    assert plain.isdisjoint(of_apache("__site_apache_needless"))
    several = {"protocol": "http", "address": "slipway-blog", "servers": ["127.0.0.1:8101"]}
    more = {"proxy_http.load", "proxy_balancer.load", "lbmethod_byrequests.load", "slotmem_shm.load"}
    assert modules(upstream=several) - plain == more


def test_apache_keeps_the_modules_of_a_neighbour():
    path = "/etc/apache2/sites-enabled/old.conf"
    row = {"path": path, "file": path, "line": 1, "app": "", "ours": False, "pristine": False}
    facts = {"front": {"apache": {"sites": [{**row, "listens": ["*:80"], "names": ["old.example"]}]}}}
    status = "/etc/apache2/mods-enabled/status.load"
    assert status in of_apache("__site_place.absent")
    assert status not in of_apache("__site_place.absent", facts=facts)


def test_apache_closes_and_opens_as_nginx_does():
    text = apache_site()
    assert 'RewriteCond "/etc/slipway/blog/maintenance.html" -f' in text
    assert "Include /etc/apache2/slipway-blog-exempt.conf" in text
    assert has(text, "Header always set Retry-After 300", "Header always set Cache-Control no-store")


def test_apache_over_tls():
    text = apache_site(tls=SIGNED | {"site_hsts_seconds": 63072000}, domains=["blog.example"])
    first, second = apache.servers(text)
    assert (first.listens, second.listens) == (["*:80"], ["*:443"])
    assert first.names == second.names == ["blog.example"]
    assert has(text, "SSLCertificateFile /etc/slipway/blog/self_signed.pem")
    assert has(text, 'Header always set Strict-Transport-Security "max-age=63072000"')
    # what the app says is not compressed; files are
    assert text.count("AddOutputFilterByType DEFLATE") == 0
    assert apache_site(static={"/a": "/x"}, tls=SIGNED).count("AddOutputFilterByType DEFLATE") == 1
    assert apache_site(static={"/a": "/x"}).count("AddOutputFilterByType DEFLATE") == 2


def test_the_most_precise_folder_is_looked_into_first():
    text = apache_site(static={"/": "/srv/public", "/static": "/srv/static"})
    assert text.index('RewriteRule "^/static/(.+)$"') < text.index('RewriteRule "^/(.+)$"')
    assert has(text, 'Alias "/static/" "/srv/static/"', '<Directory "/srv/static/">')
