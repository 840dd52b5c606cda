# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.services import libpq, of_database

OFFER = {
    "address": "10.0.0.7",
    "port": 5432,
    "database": "my_blog",
    "user": "my_blog",
    "password": "a/b@c:d e%",
    "certificate": "-----BEGIN CERTIFICATE-----\n",
}


def test_the_same_host_is_reached_over_the_loopback():
    told = of_database("my-blog", OFFER, same_host=True)
    assert told.environment == {"DATABASE_URL": "postgresql://my_blog:a%2Fb%40c%3Ad%20e%25@127.0.0.1:5432/my_blog"}
    assert told.files == {}


def test_another_host_has_to_show_its_certificate():
    told = of_database("my-blog", OFFER, same_host=False)
    assert told.environment["DATABASE_URL"].endswith(
        "@10.0.0.7:5432/my_blog?sslmode=verify-ca&sslrootcert=/etc/slipway/my-blog/database.pem"
    )
    assert told.files == {"/etc/slipway/my-blog/database.pem": "-----BEGIN CERTIFICATE-----\n"}


def test_an_address_of_ipv6_stands_in_brackets():
    told = of_database("blog", OFFER | {"address": "fd00::7"}, same_host=False)
    assert "@[fd00::7]:5432/" in told.environment["DATABASE_URL"]


def test_programs_of_postgresql_are_told_by_their_environment():
    told = of_database("my-blog", OFFER, same_host=False)
    assert libpq(told.environment["DATABASE_URL"]) == {
        "PGHOST": "10.0.0.7",
        "PGPORT": "5432",
        "PGDATABASE": "my_blog",
        "PGUSER": "my_blog",
        "PGPASSWORD": OFFER["password"],
        "PGSSLMODE": "verify-ca",
        "PGSSLROOTCERT": "/etc/slipway/my-blog/database.pem",
    }
