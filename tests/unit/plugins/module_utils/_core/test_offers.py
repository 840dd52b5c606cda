# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core import offers
from ansible_collections.slipway.flask.plugins.module_utils._core.app import describe

KNOWS = {"services": ["CELERY_BROKER_URL", "DATABASE_URL"]}
SERVICES = {"databases": ["db1"], "brokers": ["mq1"]}


def test_a_host_that_is_never_told_where_the_database_is():
    (problem,) = offers.judge_told({}, "databases", ["db1"], tells=False)
    assert problem.startswith("It was not told yet where the database on db1 is. Type: ansible-playbook slipway")
    (problem,) = offers.judge_told({}, "brokers", ["mq1"], tells=False)
    assert problem.startswith("It was not told yet where the broker on mq1 is.")
    assert list(offers.judge_told({}, "databases", ["db1"], tells=True)) == []
    assert list(offers.judge_told(KNOWS, "databases", ["db1"], tells=False)) == []
    assert list(offers.judge_told({}, "databases", [], tells=False)) == []


def test_a_service_that_is_gone_is_said():
    (problem,) = offers.judge_told(KNOWS, "databases", [], tells=False)
    assert problem.startswith("It was told of a database of ours, and no host is in the group databases now.")
    (problem,) = offers.judge_told(KNOWS, "brokers", [], tells=False)
    assert problem.endswith("or write CELERY_BROKER_URL into app_secrets.")


def test_who_says_where_a_service_is_is_not_told_of_another():
    app = describe({"app_name": "blog", "app_source": "/src"})
    assert offers.told(app, SERVICES) == SERVICES
    said = describe({"app_name": "blog", "app_source": "/src", "app_secrets": {"DATABASE_URL": "postgresql://x"}})
    assert offers.told(said, SERVICES) == {"brokers": ["mq1"]}
