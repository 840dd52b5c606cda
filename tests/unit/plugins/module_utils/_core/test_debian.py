# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages of Debian a host stands on."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.app import describe
from ansible_collections.slipway.flask.plugins.module_utils._core.debian import of_app, of_hosts, of_site
from ansible_collections.slipway.flask.plugins.module_utils._core.tls import Tls

LEAST = {"app_name": "blog", "app_source": "/src/blog"}
GROUPS = {
    "nginx_uwsgi": ["web1"],
    "gevent": ["web2"],
    "web": ["web1", "web2"],
    "workers": ["web2", "worker1"],
    "databases": ["db1"],
}


def test_each_host_has_what_its_part_needs() -> None:
    app, tls = describe({**LEAST, "app_system_packages": ["libpq5"]}), Tls("acme", "", "", proxied=False)
    assert of_hosts(GROUPS, app, tls, ["databases"]) == {
        "web1": ["supervisor", "postgresql-client", "nginx-light", "certbot", "openssl", "libpq5"],
        "web2": ["supervisor", "postgresql-client", "libpq5"],
        "worker1": ["supervisor", "postgresql-client", "libpq5"],
    }


def test_an_app_with_a_database_elsewhere_needs_no_client() -> None:
    assert of_app([]) == of_app(["brokers"]) == ["supervisor"]


def test_without_a_front_server_there_is_no_certificate() -> None:
    assert of_site("", "acme") == [] and of_site("apache", "off") == ["apache2", "ssl-cert"]
