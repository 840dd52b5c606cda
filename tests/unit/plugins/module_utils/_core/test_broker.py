# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import broker
from ansible_collections.slipway.flask.plugins.module_utils._core.broker import Wanted, lacking
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge

WANTED = Wanted("my-blog", "a secret", 20)
SALT = b"salt"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("rabbitmq_address", "10.0.0.7/24", "write a name or an address"),
        ("rabbitmq_disk_mb", 10, "50 or more"),
        ("rabbitmq_delivery_limit", 0, "1 or more"),
        ("rabbitmq_plugins", ["management"], "such as rabbitmq_management"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(name: str, value: object, said: str) -> None:
    (problem,) = judge(broker.RULES, {name: value})
    assert name in problem and said in problem


def test_a_digest_is_what_rabbitmq_makes_of_it() -> None:
    # the example of https://www.rabbitmq.com/docs/passwords#computing-password-hash
    assert broker.hashed("test12", bytes.fromhex("908dc60a")) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_what_is_there_is_not_defined_again_under_whichever_salt() -> None:
    everything = lacking(WANTED, {}, SALT)
    assert set(everything) == {"vhosts", "users", "permissions", "policies", "queues"}
    assert lacking(WANTED, everything, b"else") == {}
    # a broker tells more of each
    told = {kind: [{**row, "metadata": {}} for row in rows] for kind, rows in everything.items()}
    assert lacking(WANTED, told, SALT) == {}


def test_another_password_and_another_limit_are_noticed() -> None:
    everything = lacking(WANTED, {}, SALT)
    (user,) = lacking(Wanted("my-blog", "another", 20), everything, SALT)["users"]
    assert user["password_hash"] == broker.hashed("another", SALT)
    assert set(lacking(Wanted("my-blog", "a secret", 5), everything, SALT)) == {"policies"}
    strange = {**everything, "users": [{"name": "my-blog", "password_hash": "not base64"}]}
    assert set(lacking(WANTED, strange, SALT)) == {"users"}


def test_the_password_is_in_nothing_that_is_handed_on() -> None:
    assert "a secret" not in str(lacking(WANTED, {}, SALT)) and "a secret" not in repr(WANTED)


@pytest.mark.parametrize(
    ("queue", "watched"),
    [
        ("celery", True),
        ("mails", True),
        ("my-blog.dead.letters", True),
        ("my-blog.dead", False),
        ("celery_delayed_12", False),
        ("blog-1@web1.celery.pidbox", False),
        ("celeryev.7f", False),
    ],
)
def test_queues_of_tasks_have_the_policy_and_no_others(queue: str, watched: bool) -> None:
    (policy,) = lacking(WANTED, {}, SALT)["policies"]
    assert bool(re.search(policy["pattern"], queue)) == watched


def test_a_port_that_another_program_holds_is_said() -> None:
    holder = {"command": "qpidd", "pid": 7, "unit": "x.service"}
    (problem,) = broker.judge_port({"listeners": {"5672": holder}})
    assert problem.startswith("Port 5672, which the broker wants, is held by qpidd (process 7, x.service).")
    assert list(broker.judge_port({"listeners": {"5672": {**holder, "command": "beam.smp"}}})) == []
