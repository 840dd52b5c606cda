# SPDX-License-Identifier: GPL-3.0-or-later
"""What Apache does for a site, word for word what nginx does, seen by a visitor."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import hosts

from . import inside
from .authority import Authority
from .commits import QUICK
from .ground import Ground
from .guest import Guest
from .harm import until
from .probe import Probe
from .shapes import SERVED
from .test_first_ship import IDLE_STEPS
from .test_operations import closed, maintain
from .test_tls import ACME, RENEWAL
from .visitor import Visitor

NAME, OTHER = "blog.example", "www.blog.example"
ECHO = """
import json

from flask import Response, request


@bp.route("/echo/<path:rest>", methods=["GET", "POST"])
def echo(rest: str) -> Response:
    known = {name: value for name, value in request.environ.items() if isinstance(value, str)}
    said = {"rest": rest, "environ": known, "length": len(request.get_data())}
    return Response(json.dumps(said) + " " * 2000, mimetype="application/json")
"""
# what Debian switches on and no site of ours needs
NEEDLESS = {"status", "autoindex", "negotiation", "auth_basic", "cgid", "access_compat", "dir", "env"}


@pytest.fixture(scope="module")
def here(ground: Callable[..., Ground]) -> Iterator[Ground]:
    made = ground("apache", stack="apache_uwsgi", **QUICK, app_domains=[NAME, OTHER], web_body_mb=1)
    made.project.commit("An echo", {"webapp/health.py": lambda old: old + ECHO})
    made.play("site").good()
    yield made
    made.project.reset()


Answer = tuple[int, http.client.HTTPMessage, bytes]


def ask(here: Ground, path: str, name: str = NAME, method: str = "GET", body: Any = None, **headers: str) -> Answer:
    named = {"Host": name} | {key.replace("_", "-"): value for key, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", here.host.http_port, timeout=20)
    with contextlib.closing(connection):
        connection.request(method, path, body=body, headers=named)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def echoed(here: Ground, path: str, **rest: Any) -> dict[str, Any]:
    status, _headers, body = ask(here, path, **rest)
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_second_run_changes_nothing(here: Ground) -> None:
    again = here.play("site").good()
    assert again.changed == 0 and again.remote_steps <= IDLE_STEPS


@pytest.mark.parametrize("name", [NAME, OTHER, NAME.upper(), f"{NAME}:80"])
def test_its_names_are_answered(here: Ground, name: str) -> None:
    assert ask(here, "/version", name)[0] == 200


def test_other_names_are_nobody_s(here: Ground) -> None:
    assert ask(here, "/version", "stranger.example")[0] == 421
    assert inside.names(here.host, "/etc/apache2/sites-enabled") == {"00-slipway.conf", "blog.conf"}


def test_only_what_is_needed_is_loaded(here: Ground) -> None:
    loaded = {
        line.split("_module")[0].strip() for line in inside.sh(here.host, "apache2ctl -M 2>/dev/null").splitlines()
    }
    assert loaded.isdisjoint(NEEDLESS) and {"mpm_event", "proxy_uwsgi"} <= loaded


def test_files_go_past_the_app(here: Ground) -> None:
    status, headers, body = ask(here, "/static/style.css")
    assert (status, headers["Cache-Control"], headers["Content-Type"]) == (
        200,
        "max-age=3600",
        "text/css; charset=utf-8",
    )
    packed = ask(here, "/static/style.css", Accept_Encoding="gzip")
    assert packed[1]["Content-Encoding"] == "gzip" and gzip.decompress(packed[2]) == body
    assert ask(here, "/static/style.css", If_None_Match=headers["ETag"])[0] == 304
    assert ask(here, "/static/style.css", If_None_Match=packed[1]["ETag"], Accept_Encoding="gzip")[0] == 304
    for path in ("/static/gone.css", "/static/", "/static/../wsgi.py", "/static../wsgi.py"):
        status, headers, body = ask(here, path)
        assert status == 404 and b"<html" in body and "max-age=3600" not in (headers["Cache-Control"] or "")
    assert ask(here, "/static/style.css", method="POST", body=b"x")[0] == 405  # the application's word


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("/echo/a%20b", "a b"),
        ("/echo/a%2Fb", "a/b"),
        ("/echo/%C3%A4", "ä"),
        ("/echo/a+b;c", "a+b;c"),
        ("/echo/a%3Fb", "a?b"),
    ],
)
def test_paths_reach_the_app_as_they_are(here: Ground, path: str, rest: str) -> None:
    found = echoed(here, f"{path}?q=1%202")
    assert found["rest"] == rest
    assert found["environ"]["QUERY_STRING"] == "q=1%202"


def test_the_app_learns_who_asks_and_what_a_visitor_says_of_that_is_not_believed(here: Ground) -> None:
    said = {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "evil.example"}
    environ = echoed(here, "/echo/x", **said)["environ"]
    assert environ["HTTP_X_FORWARDED_FOR"].startswith("6.6.6.6, ")
    assert environ["HTTP_X_FORWARDED_PROTO"] == "http"
    assert environ["HTTP_X_FORWARDED_HOST"] == NAME
    assert environ["wsgi.url_scheme"] == "http" and environ["HTTP_HOST"] == NAME
    assert "HTTP_PROXY" not in echoed(here, "/echo/x", Proxy="http://evil.example")["environ"]


OTHERS = """<FilesMatch "[.]css$">
    SetHandler "proxy:unix:/run/nobody.sock|fcgi://localhost"
</FilesMatch>
Header always set X-Others yes
"""


def test_a_file_is_a_file_whatever_its_name_is_for_others(here: Ground) -> None:
    """As where php-fpm has taken all names that end in .php."""
    conf = "/etc/apache2/conf-enabled/others.conf"
    hosts.execute(here.host, "sh", "-c", f"cat >{conf}; systemctl reload apache2", stdin=OTHERS.encode())
    until(lambda: ask(here, "/version")[1]["X-Others"] == "yes", "the configuration of others")
    assert ask(here, "/static/style.css")[0] == 200
    inside.sh(here.host, f"rm {conf}; systemctl reload apache2")


def test_bodies_up_to_the_limit(here: Ground) -> None:
    assert echoed(here, "/echo/x", body=b"x" * 1_000_000)["length"] == 1_000_000
    # the blog answers without reading the body: its form has no token
    assert ask(here, "/echo/x", method="POST", body=b"x" * 1_000_000)[0] == 400
    assert ask(here, "/echo/x", method="POST", body=b"x" * 1_100_000)[0] == 413
    # without a length, in chunks
    assert ask(here, "/echo/x", method="POST", body=iter([b"x" * 10, b"y" * 10]))[0] == 411


def test_what_the_app_says_is_compressed_over_http(here: Ground) -> None:
    assert ask(here, "/echo/x", Accept_Encoding="gzip")[1]["Content-Encoding"] == "gzip"


def test_the_log_has_the_form_of_nginx(here: Ground) -> None:
    ask(here, "/echo/logged", User_Agent='a "quoted" name')
    said = here.play("logs", "-e", "logs_grep=logged").good().output
    assert "access" in said and '"GET /echo/logged HTTP/1.1" 200' in said and f" {NAME}" in said


def refuses(here: Ground) -> bool:
    return ask(here, "/version")[0] != 200


def test_maintenance(here: Ground) -> None:
    here.describe(**QUICK, web_body_mb=1)
    here.play("setup").good()
    assert maintain(here, "on").changed == 1
    assert maintain(here, "on").changed == 0
    for answer in (closed(here), closed(here, "/static/gone.css"), closed(here, "/", b"x=1")):
        assert (answer.status, answer.again) == (503, "300") and "Back soon" in answer.page
    assert "<html" not in here.answer("/static/style.css")
    here.play("deploy").good()
    ask(here, "/who-am-i")
    seen = inside.sh(here.host, "grep who-am-i /var/log/apache2/blog.access.log").split()[0]
    maintain(here, "on", site_maintenance_exempt=[seen])
    until(lambda: not refuses(here), "the site to be open for this machine")
    assert maintain(here, "off").changed == 1
    assert here.live() == here.project.head


def test_over_tls(here: Ground) -> None:
    here.describe(**QUICK, app_domains=[NAME], site_tls="self_signed", site_hsts_seconds=63072000, web_body_mb=1)
    here.play("setup").good()
    assert here.play("setup").good().changed == 0
    shown = inside.sh(here.host, "sed -n '/BEGIN CERT/,$p' /etc/slipway/blog/self_signed.pem")
    visitor = Visitor(here.host, NAME, shown)
    with pytest.raises(ssl.SSLCertVerificationError):
        visitor.visit("/", "stranger.example")
    status, headers, body = visitor.visit("/echo/x")
    assert (status, headers.get_all("Strict-Transport-Security")) == (200, ["max-age=63072000"])
    environ = json.loads(body)["environ"]
    assert (environ["HTTP_X_FORWARDED_PROTO"], environ["wsgi.url_scheme"]) == ("https", "https")
    status, headers, _ = ask(here, "/posts/1?x=y%20z")
    assert (status, headers["Location"]) == (301, f"https://{NAME}/posts/1?x=y%20z")
    said = inside.sh(here.host, f"openssl s_client -alpn h2 -connect 127.0.0.1:443 -servername {NAME} </dev/null 2>&1")
    assert "ALPN protocol: h2" in said
    new = here.project.new_page("Shipped over TLS")
    with Probe(visitor.url, visit=visitor.ask) as probe:
        here.play("deploy").good()
    probe.unbroken()
    assert probe.commits[-1] == new


def test_a_certificate_of_an_authority_and_the_next_one(here: Ground) -> None:
    authority = Authority(here.host, NAME)
    here.describe(**QUICK, app_domains=[NAME], **ACME, web_body_mb=1)
    here.play("setup").good()
    visitor = Visitor(here.host, NAME, authority.root())
    assert visitor.ask("/version")
    old = visitor.certificate()
    inside.sh(here.host, f"sed -i '1i renew_before_expiry = 99 years' {RENEWAL}")
    with Probe(visitor.url, visit=visitor.ask) as probe:
        inside.sh(here.host, "systemctl start certbot.service")
        until(lambda: visitor.certificate() != old, "the new certificate")
    probe.unbroken()
    authority.stop()
    here.describe(**QUICK, app_domains=[NAME], web_body_mb=1)
    here.play("setup").good()


def visit_of(here: Ground) -> Callable[[str, str], str]:
    """How a probe asks for the blog by its name; anything but a success raises OSError."""

    def visit(_url: str, _name: str) -> str:
        status, _headers, body = ask(here, "/version")
        if status != 200:
            raise OSError(f"{status}: {body[:200]!r}")
        return body.decode()

    return visit


def test_a_program_that_serves_by_itself(here: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    """On two ports behind one name: while one of its servers is restarted the other one answers."""
    folder = tmp_path_factory.mktemp("served")
    folder.chmod(0o711)
    served = Guest(folder / "served", here, SERVED)
    with Probe(here.url, visit=visit_of(here)) as probe:
        served.play("site").good()
        assert served.told()["for"] == f"{served.shape.name}.example"
        new = served.project.commit("Another one", {"README": "x"})
        served.play("deploy").good()
        assert served.told()["commit"] == new
        served.remove()
    probe.unbroken()
