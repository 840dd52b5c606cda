# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.certificate import (
    LATE_DAYS,
    SELF_SIGNED_DAYS,
    SELF_SIGNED_LATE_DAYS,
    Found,
    Wish,
    complaint,
    described,
    directory_of,
    why,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AUTHORITY = "https://ca.example/directory"
PRINTED = """notAfter=Apr  2 03:04:05 2026 GMT
X509v3 Subject Alternative Name:
    DNS:blog.example, DNS:www.blog.example
"""
REFUSED = """Saving debug log to /var/log/letsencrypt/letsencrypt.log
Requesting a certificate for blog.example

Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Domain: blog.example
  Type:   unauthorized
  Detail: 203.0.113.5: Invalid response from http://blog.example/.well-known/acme-challenge/x: 404

Hint: The Certificate Authority failed to download the temporary challenge files created by Certbot.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org.
"""


def test_what_openssl_prints_is_understood():
    found = described(PRINTED, AUTHORITY)
    assert found == Found(frozenset({"blog.example", "www.blog.example"}), NOW + timedelta(days=90), AUTHORITY)
    assert described("Could not read certificate") == Found()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"ends": None}, "there is none"),
        ({"names": frozenset({"blog.example"})}, "the one there is for blog.example"),
        ({"names": frozenset()}, "the one there is for no name"),
        ({"directory": "https://staging.example/"}, "the one there is from https://staging.example/"),
        ({"ends": NOW + timedelta(days=LATE_DAYS, seconds=-1)}, "the one there ends on 2026-01-09"),
        ({"ends": NOW + timedelta(days=LATE_DAYS)}, ""),
    ],
)
def test_why_a_new_one_is_due(changes, reason):
    there = {"names": frozenset({"a.example", "b.example"}), "ends": NOW + timedelta(days=60), "directory": AUTHORITY}
    assert why(Wish(("b.example", "a.example"), AUTHORITY), Found(**there | changes), NOW) == reason


def test_nobody_renews_what_the_host_signed_but_we():
    wish = Wish(("web1",))
    assert "ends on" in why(wish, Found(frozenset({"web1"}), NOW + timedelta(days=SELF_SIGNED_LATE_DAYS - 1)), NOW)


@given(st.lists(st.from_regex(r"[a-z]{1,5}\.example", fullmatch=True), min_size=1), st.sampled_from(["", AUTHORITY]))
def test_what_was_just_made_will_do(names, directory):
    made = Found(frozenset(names), NOW + timedelta(days=90 if directory else SELF_SIGNED_DAYS), directory)
    assert why(Wish(tuple(names), directory), made, NOW) == ""


def test_the_authority_is_heard_and_certbot_is_not():
    said = complaint(REFUSED)
    assert said.splitlines()[0] == "  Domain: blog.example"
    assert "Invalid response from http://blog.example/.well-known/" in said and "Ask for help" not in said
    away = "Saving debug log to x\nAn unexpected error occurred:\nConnection refused\nAsk for help or search\n"
    assert complaint(away) == "  An unexpected error occurred:\n  Connection refused"


def test_where_a_certificate_is_renewed():
    assert directory_of(f"version = 2.1.0\n[renewalparams]\nserver = {AUTHORITY}\n") == AUTHORITY
    assert directory_of("") == ""
