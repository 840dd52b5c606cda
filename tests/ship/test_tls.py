# SPDX-License-Identifier: GPL-3.0-or-later
"""Over TLS: certificates of an authority that asks back, of one's own, of nobody. The site serves whatever happens."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests import pems

from . import inside, measured
from .authority import DIRECTORY, Authority
from .commits import QUICK
from .ground import Ground
from .harm import until
from .play import Run
from .probe import Probe
from .test_first_ship import IDLE_STEPS
from .visitor import Visitor

NAME, OTHER = "blog.example", "www.blog.example"
# no name leads to a test host, but for the authority, which is on it
ACME = {"site_tls": "acme", "site_acme_directory": DIRECTORY, "site_acme_proxied": True}
RENEWAL = "/etc/letsencrypt/renewal/slipway-blog.conf"
TWO_YEARS = 63072000


@dataclass(frozen=True)
class Secured:
    """A site that an authority gave a certificate, and the run that asked for it."""

    here: Ground
    authority: Authority
    visitor: Visitor
    first: Run


def describe(here: Ground, *names: str, **variables: Any) -> None:
    here.describe(**QUICK, app_domains=[*names], **variables)


@pytest.fixture(scope="module")
def secured(shipped_ground: Ground) -> Iterator[Secured]:
    here = shipped_ground
    here.describe(**QUICK)
    here.play("deploy").good()
    authority = Authority(here.host, NAME)
    describe(here, NAME, **ACME)
    first = here.play("setup").good()
    yield Secured(here, authority, Visitor(here.host, NAME, authority.root()), first)
    authority.stop()
    here.project.reset()
    here.describe(**QUICK)
    here.play("setup").good()
    assert here.live()
    assert inside.sh(here.host, f"test -e {RENEWAL} || echo gone") == "gone"


def over_http(here: Ground, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", here.host.http_port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": NAME})
        response = connection.getresponse()
        return response.status, response.headers["Location"] or ""
    finally:
        connection.close()


def test_first_certificate_and_then_nothing_to_do(secured: Secured) -> None:
    assert secured.first.changed
    assert "<html" in secured.visitor.ask("/")
    assert over_http(secured.here, "/posts/1?x=y") == (301, f"https://{NAME}/posts/1?x=y")
    again = secured.here.play("setup").good()
    assert again.changed == 0
    assert again.remote_steps <= IDLE_STEPS
    assert inside.sh(secured.here.host, "systemctl is-active certbot.timer") == "active"


def test_names_of_nobody_see_no_certificate(secured: Secured) -> None:
    with pytest.raises(ssl.SSLError, match="unrecognized name"):
        secured.visitor.visit("/", "stranger.example")


def test_deploy_over_tls_fails_no_request(secured: Secured) -> None:
    here, visitor = secured.here, secured.visitor
    new = here.project.new_page("Shipped over TLS")
    with Probe(visitor.url, visit=visitor.ask) as probe:
        here.play("deploy").good()
    probe.unbroken()
    assert probe.commits[-1] == new
    said = here.play("status").good().output
    assert "site  well, over TLS until 20" in said


def test_timer_renews_and_nginx_shows_the_new_one(secured: Secured) -> None:
    old = secured.visitor.certificate()
    inside.sh(secured.here.host, f"sed -i '1i renew_before_expiry = 99 years' {RENEWAL}")
    with Probe(secured.visitor.url, visit=secured.visitor.ask) as probe:
        inside.sh(secured.here.host, "systemctl start certbot.service")
        until(lambda: secured.visitor.certificate() != old, "the new certificate")
    probe.unbroken()
    inside.sh(secured.here.host, f"sed -i '/99 years/d' {RENEWAL}")


def test_what_the_authority_refuses_is_told_and_the_site_serves(secured: Secured) -> None:
    here, old = secured.here, secured.visitor.certificate()
    new = here.project.new_page("Live although the authority refuses")
    describe(here, NAME, OTHER, **ACME)
    with Probe(secured.visitor.url, visit=secured.visitor.ask) as probe:
        here.play("site").bad(
            f"gave no certificate for {NAME}, {OTHER}", f"Domain: {OTHER}", "The site serves as before"
        )
        secured.authority.stop()
        here.play("setup").bad("gave no certificate", "Connection refused", "The site serves as before")
    probe.unbroken()
    assert probe.commits[-1] == new
    assert secured.visitor.certificate() == old


def test_name_that_leads_elsewhere_is_told_before_anything_changes(secured: Secured) -> None:
    inside.sh(secured.here.host, "mv /etc/letsencrypt/live/slipway-blog /root/")
    before = inside.state(secured.here.host)
    describe(secured.here, NAME, **ACME | {"site_acme_proxied": False})
    secured.here.play("setup").bad(f"{NAME} leads nowhere", "this host has 172.", "site_acme_proxied: true")
    assert inside.difference(before, inside.state(secured.here.host)) == []
    inside.sh(secured.here.host, "mv /root/slipway-blog /etc/letsencrypt/live/")


def vaulted(here: Ground, text: str) -> Path:
    """A file with it that ansible-vault has encrypted."""
    file, password = here.folder / "site.key", here.folder / "password"
    password.write_text("a password\n")
    argv = ["ansible-vault", "encrypt", "--vault-password-file", str(password), "--output", str(file)]
    subprocess.run(argv, input=text, text=True, check=True, capture_output=True)
    return file


def test_certificate_of_ones_own(secured: Secured) -> None:
    here, key = secured.here, pems.key()
    mine = pems.signed(key, [NAME, OTHER], datetime.now(UTC))
    chain = here.folder / "chain.pem"
    chain.write_text(mine)
    own = {"site_tls": "provided", "site_tls_certificate": str(chain), "site_hsts_seconds": TWO_YEARS}
    before = inside.state(here.host)
    describe(here, NAME, "shop.example", **own, site_tls_key=pems.pem(pems.key()))
    here.play("setup").bad(
        f"site_tls_key is not the key of site_tls_certificate ({chain})", "app_domains has shop.example"
    )
    assert inside.difference(before, inside.state(here.host)) == []
    describe(here, NAME, **own, site_tls_key=str(vaulted(here, pems.pem(key))))
    run = here.play("setup", "--diff", "-vvv", "--vault-password-file", str(here.folder / "password")).good()
    assert pems.pem(key).splitlines()[1] not in run.output
    status, headers, _page = Visitor(here.host, NAME, mine).visit("/version")
    assert (status, headers["Strict-Transport-Security"]) == (200, f"max-age={TWO_YEARS}")
    assert inside.sh(here.host, "stat -c '%a %U' /etc/slipway/blog/provided.key") == "600 root"


def test_certificate_of_nobody(secured: Secured) -> None:
    here = secured.here
    describe(here, NAME, site_tls="self_signed")
    here.play("setup").good()
    shown = inside.sh(here.host, "sed -n '/BEGIN CERT/,$p' /etc/slipway/blog/self_signed.pem")
    assert Visitor(here.host, NAME, shown).ask("/version")
    assert here.play("setup").good().changed == 0


@pytest.mark.soak
def test_testssl_finds_nothing_above_low(ground: Callable[..., Ground]) -> None:
    """On Debian 13: the testssl of Debian 12 gives no grades."""
    here = ground("testssl", debian=13)
    authority = Authority(here.host, NAME)
    describe(here, NAME, **ACME)
    here.play("site").good()
    inside.sh(here.host, "apt-get -qq install -y --no-install-recommends testssl.sh bsdextrautils dnsutils >/dev/null")
    inside.sh(here.host, f"printf '%s' '{authority.root()}' >/run/root.pem")
    inside.sh(
        here.host,
        f"testssl --quiet --color 0 --add-ca /run/root.pem --jsonfile /run/found.json --ip 127.0.0.1 {NAME} >/run/said"
        " || test -s /run/found.json",
    )
    found = json.loads(inside.sh(here.host, "cat /run/found.json"))
    # WARN is about the tester itself
    bad = [row for row in found if row["severity"] not in ("OK", "INFO", "LOW", "WARN")]
    assert bad == []
    grade = next(row["finding"] for row in found if row["id"] == "overall_grade")
    measured.keep("tls", {"grade": grade, "low": [row["id"] for row in found if row["severity"] == "LOW"]})
    assert grade in ("A", "A+")
