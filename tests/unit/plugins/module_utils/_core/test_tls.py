# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.tls import judge_addresses, judge_names, settle

PAIR = {"site_tls_certificate": "blog.pem", "site_tls_key": "blog.key"}


@pytest.mark.parametrize(
    ("given", "method"),
    [
        ({}, "off"),
        ({"site_tls": False}, "off"),  # what YAML makes of a bare `off`
        ({"site_tls": "off"}, "off"),
        ({"site_tls": "self_signed", "site_hsts_seconds": "60"}, "self_signed"),
        ({"site_tls": "provided", **PAIR}, "provided"),
        ({"site_tls": "acme", "site_acme_mail": "", "site_acme_proxied": "yes"}, "acme"),
    ],
)
def test_what_is_right(given, method):
    assert settle(given).method == method


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"site_tls": True}, "site_tls is true (a true/false): write off, self_signed, provided or acme."),
        ({"site_tls": "letsencrypt"}, 'site_tls is "letsencrypt": write off,'),
        ({"site_tls": "provided"}, "site_tls is provided, and site_tls_certificate is empty"),
        (PAIR, "site_tls_certificate is given, and site_tls is off: write site_tls: provided, or remove"),
        ({"site_acme_mail": "anna"}, 'site_acme_mail is "anna": write a mail address'),
        ({"site_acme_mail": "a@b.example"}, "site_acme_mail is given, and site_tls is off: write site_tls: acme"),
        ({"site_tls": "acme", "site_acme_directory": "http://ca.example/"}, "write the address of an ACME directory"),
        ({"site_hsts_seconds": 60}, "site_hsts_seconds is given, and site_tls is off"),
        ({"site_tls": "acme", "site_hsts_seconds": -1}, "write a whole number, 0 or more"),
        ({"site_tls": "acme", "site_acme_proxied": "perhaps"}, "write true or false"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(given, said):
    with pytest.raises(DescriptionError) as caught:
        settle(given)
    assert said in caught.value.problems[0]


def test_a_key_is_never_shown():
    with pytest.raises(DescriptionError) as caught:
        settle({"site_tls": "provided", "site_tls_certificate": "x", "site_tls_key": 4711})
    assert "4711" not in str(caught.value.problems)


def test_what_an_authority_would_refuse_is_said_before():
    acme = settle({"site_tls": "acme"})
    assert judge_names(acme, ["blog.example"], ["web1"]) == []
    (said,) = judge_names(acme, [], ["web1"])
    assert "app_domains is empty" in said
    (said,) = judge_names(acme, ["*.blog.example"], ["web1"])
    assert "*.blog.example" in said and "wildcard" in said
    (said,) = judge_names(acme, ["blog.example"], ["web1", "web2"])
    assert "2 hosts serve the names (web1, web2)" in said
    assert judge_names(settle({"site_tls": "self_signed"}), [], ["web1", "web2"]) == []


def test_a_name_that_leads_elsewhere_is_said_with_both_addresses():
    host = ["203.0.113.5", "2001:db8::5"]
    assert judge_addresses("blog.example", ["198.51.100.1", "2001:db8::5"], host) == []
    (said,) = judge_addresses("blog.example", ["198.51.100.1"], host)
    assert "blog.example leads to 198.51.100.1; this host has 203.0.113.5, 2001:db8::5" in said
    (said,) = judge_addresses("blog.example", [], host)
    assert "blog.example leads nowhere" in said
