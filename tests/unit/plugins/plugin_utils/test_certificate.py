# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate that does not fit is refused on the controller, whatever is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.tls import settle
from ansible_collections.slipway.flask.plugins.plugin_utils.certificate import judge
from tests.pems import key, pem, signed

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEY = key()
GOOD = signed(KEY, ["blog.example", "*.blog.example"], NOW)


def judged(certificate: str = GOOD, private: str = pem(KEY), domains: tuple[str, ...] = ("blog.example",)) -> list[str]:
    tls = settle({"site_tls": "provided", "site_tls_certificate": certificate, "site_tls_key": private})
    return judge(tls, domains, "/nowhere", str, NOW)


@pytest.mark.parametrize("domains", [(), ("blog.example",), ("Blog.example", "www.blog.example")])
def test_a_pair_that_fits(domains: tuple[str, ...]) -> None:
    assert judged(domains=domains) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"private": pem(key())}, "site_tls_key is not the key of site_tls_certificate."),
        ({"private": "-----BEGIN nothing"}, "site_tls_key holds no private key in PEM form"),
        ({"certificate": "-----BEGIN nothing"}, "site_tls_certificate holds no certificate in PEM form"),
        ({"certificate": "here.pem"}, "site_tls_certificate is here.pem: no such file, /nowhere/here.pem."),
        ({"domains": ("a.b.blog.example",)}, "is for blog.example, *.blog.example, and app_domains has a.b.blog"),
        ({"certificate": signed(KEY, ["blog.example"], NOW, days=-1)}, "site_tls_certificate ended on 2026-01-01."),
        ({"certificate": signed(KEY, ["blog.example"], NOW + timedelta(days=9), days=9)}, "begins on 2026-01-11"),
        ({"certificate": signed(KEY, [], NOW)}, "is for no name, and app_domains has blog.example besides."),
    ],
)
def test_what_is_wrong_is_said(given: dict[str, str], said: str) -> None:
    (problem,) = judged(**given)  # type: ignore[arg-type]
    assert said in problem


def test_everything_wrong_is_said_at_once() -> None:
    ended = signed(KEY, ["shop.example"], NOW, days=-1)
    assert len(judged(ended, pem(key()))) == 3


def test_files_are_relative_to_the_inventory(tmp_path: Path) -> None:
    (tmp_path / "blog.pem").write_text(GOOD)
    (tmp_path / "blog.key").write_text(pem(KEY))
    tls = settle({"site_tls": "provided", "site_tls_certificate": "blog.pem", "site_tls_key": "blog.key"})
    assert judge(tls, ["blog.example"], str(tmp_path), lambda path: Path(path).read_text(), NOW) == []
    (said,) = judge(tls, ["else.example"], str(tmp_path), lambda path: Path(path).read_text(), NOW)
    assert said.startswith("site_tls_certificate (blog.pem) is for ")
