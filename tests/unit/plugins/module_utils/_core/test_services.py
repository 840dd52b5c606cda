# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ansible_collections.slipway.flask.plugins.module_utils._core.celery import settle
from ansible_collections.slipway.flask.plugins.module_utils._core.services import (
    is_encrypted,
    libpq,
    of_brokers,
    of_celery,
    of_database,
)

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


BROKER = {"address": "10.0.0.8", "user": "my-blog", "password": "a/b@c", "certificate": "-----CERTIFICATE 1-----\n"}


def test_the_one_broker_on_the_same_host_is_reached_over_the_loopback():
    told = of_brokers("my-blog", [BROKER], encrypted=False)
    assert told.environment == {"CELERY_BROKER_URL": "amqp://my-blog:a%2Fb%40c@127.0.0.1:5672/my-blog"}
    assert told.files == {}


def test_a_cluster_is_a_list_of_addresses_and_of_certificates():
    other = {"address": "fd00::9", "user": "my-blog", "password": "", "certificate": "-----CERTIFICATE 2-----\n"}
    told = of_brokers("my-blog", [BROKER, other], encrypted=True)
    assert told.environment["CELERY_BROKER_URL"] == (
        "amqps://my-blog:a%2Fb%40c@10.0.0.8:5671/my-blog;amqps://my-blog:a%2Fb%40c@[fd00::9]:5671/my-blog"
    )
    assert told.files == {"/etc/slipway/my-blog/broker.pem": "-----CERTIFICATE 1-----\n-----CERTIFICATE 2-----\n"}


def test_who_reaches_its_broker_over_tls():
    assert not is_encrypted(["a"], "a") and not is_encrypted([], "a")
    assert is_encrypted(["b"], "a") and is_encrypted(["a", "b", "c"], "a")


def test_an_app_is_told_which_certificates_to_take():
    plain = of_celery("my-blog", settle({}), encrypted=False).environment
    assert "broker_use_ssl" not in plain["CELERY_SETTINGS"] and "FLOWER_BASIC_AUTH" not in plain
    told = of_celery("my-blog", settle({"celery_flower_port": 5555, "celery_flower_password": "x"}), encrypted=True)
    secure = json.loads(told.environment["CELERY_SETTINGS"])["broker_use_ssl"]
    assert secure == {"ca_certs": "/etc/slipway/my-blog/broker.pem", "cert_reqs": 2}
    assert told.environment["FLOWER_BASIC_AUTH"] == "flower:x"
