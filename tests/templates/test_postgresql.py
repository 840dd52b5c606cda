# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may reach the database, as far as its app's hosts are known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.render import evaluate

FACTS = {"slipway": {"release": "12", "packages": [], "memory_mb": 1024}}
WEB = "10.0.0.7/32"


def of(name: str, known: bool, *networks: str) -> Any:
    clients = {"known": known, "networks": list(networks)}
    return evaluate(
        "postgresql", f"{{{{ {name} }}}}", app_name="my-blog", ansible_facts=FACTS, postgresql_clients=clients
    )


def test_each_host_elsewhere_is_let_in_by_its_address():
    assert of("__postgresql_lines", True, WEB) == [f"hostssl my_blog my_blog {WEB} scram-sha-256"]
    assert [file["path"] for file in of("__postgresql_files", True, WEB)] == [
        "/etc/postgresql/15/main/conf.d/slipway.conf",
        "/etc/postgresql/15/main/conf.d/slipway-my-blog.conf",
    ]


@pytest.mark.parametrize(
    ("known", "networks", "alone"),
    # of a fleet of which only a part was looked at nobody can say that all are here: they still need the certificate
    [(True, (), True), (True, (WEB,), False), (False, (WEB,), False), (False, (), False)],
)
def test_nobody_is_elsewhere_only_when_all_are_known(known: bool, networks: tuple[str, ...], alone: bool):
    assert of("__postgresql_alone", known, *networks) is alone
    assert bool(of("__postgresql_unwanted", known, *networks)) is alone
