# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts may be told to have besides the app."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.base import RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge

GOOD = {
    "base_upgrade": ["none", "full"],
    "base_ca_certificates": [[], ["/etc/ssl/ours.pem", "{{ inventory_dir }}/ca.pem"]],
    "base_download_environment": [{}, {"http_proxy": "http://proxy:3128", "UV_INDEX_URL": "https://pypi.example.org"}],
    "base_timezone": ["", "UTC", "Europe/Vienna", "Etc/GMT+1", "America/Argentina/Buenos_Aires"],
    "base_locale": ["", "C.UTF-8", "de_AT.UTF-8", "ca_ES.UTF-8@valencia"],
}
BAD = {
    "base_upgrade": ("dist", 'base_upgrade is "dist": write none or full.'),
    "base_security_updates": ("often", "base_security_updates"),
    "base_ca_certificates": ("/etc/ssl/ours.pem", "write a list"),
    "base_download_environment": ({"http proxy": "x"}, "A name in base_download_environment"),
    "base_timezone": ("Vienna time", "such as Europe/Vienna"),
    "base_locale": ("de_AT", "such as de_AT.UTF-8"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_debian_knows_is_taken(name: str) -> None:
    assert [judge(RULES, {name: value}) for value in GOOD[name]] == [[]] * len(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_else_it_says_what_to_write(name: str) -> None:
    value, said = BAD[name]
    (problem,) = judge(RULES, {name: value})
    assert said in problem


def test_where_downloads_come_from_is_not_shown() -> None:
    (problem,) = judge(RULES, {"base_download_environment": {"http_proxy": ["http://anna:hunter2@proxy"]}})
    assert "hunter2" not in problem
