# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import shlex

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import Celery, address, judge, packages, settle
from ansible_collections.slipway.flask.plugins.module_utils._core.celery_programs import programs, settings
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import background
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import judge as judge_program

GROUPS = {"workers": ["w1"], "brokers": ["q1"]}


def celery(**given: object) -> Celery:
    return settle({f"celery_{name}": value for name, value in given.items()})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("app", "my-app", "write a module, or module:attribute"),
        ("slots", 0, "write a whole number, 1 or more"),
        ("slots", 10, "9 are the most. Give each slot more concurrency"),
        ("pool", "eventlet", "write prefork, threads, gevent or solo"),
        ("queues", ["a b"], "write the name of a queue"),
        ("task_seconds", "long", "write a whole number"),
        ("beat", "perhaps", "write true or false"),
        ("settings", ["x"], "write a dictionary"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(name: str, value: object, said: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        celery(**{name: value})
    assert f"celery_{name}" in str(caught.value) and said in str(caught.value)


def test_what_waits_for_a_task_waits_longer_than_a_task_may_take() -> None:
    one = celery(task_seconds=600)
    limits = json.loads(settings(one))
    (worker,) = background(programs(one, first=True, locks=True))
    assert limits["task_soft_time_limit"] < limits["task_time_limit"] == 600 < worker.stop_seconds
    assert "--time-limit=600 --soft-time-limit=540" in programs(one, first=True, locks=True)["celery"]["command"]
    # its children are told by it, and by nobody else
    assert not worker.stop_group


def test_programs_are_such_as_an_app_may_have() -> None:
    found = programs(celery(beat=True, flower_port=5555, queues=["a", "b"]), first=True, locks=True)
    assert list(found) == ["celery", "beat", "flower"]
    assert [text for name, entry in found.items() for text in judge_program(f"app_programs.{name}", entry)] == []
    assert all(shlex.split(entry["command"])[0] == "exec" for entry in found.values())
    assert "--queues=a,b" in found["celery"]["command"]


def test_cores_are_shared_unless_a_number_is_said() -> None:
    assert "--concurrency=$((($(nproc) + 1) / 2))" in programs(celery(), True, True)["celery"]["command"]
    assert "--concurrency=7 " in programs(celery(concurrency=7), True, True)["celery"]["command"]


def test_processes_come_with_a_pool_that_counts_what_it_has_handed_out() -> None:
    command = programs(celery(), True, True)["celery"]["command"]
    assert command.startswith('exec env "PYTHONPATH=$PYTHONPATH:/usr/local/lib/slipway/worker" celery -A')
    assert command.endswith(" --include=slipway_pool")
    assert "slipway" not in programs(celery(pool="threads"), True, True)["celery"]["command"]


def test_every_host_waits_to_be_beat_where_a_database_says_whose_turn_it_is() -> None:
    one = celery(beat=True)
    assert "lock.py beat celery" in programs(one, first=False, locks=True)["beat"]["command"]
    assert "beat" not in programs(one, first=False, locks=False)
    alone = programs(one, first=True, locks=False)["beat"]["command"]
    assert "lock.py" not in alone and '--schedule="$HOME/celerybeat-schedule"' in alone


def test_flower_is_one() -> None:
    one = celery(flower_port=5555)
    assert "flower" in programs(one, first=True, locks=True) and "flower" not in programs(one, first=False, locks=True)
    assert packages(one) == ["flower"] and packages(celery()) == []


def test_what_its_users_say_goes_before_ours() -> None:
    found = json.loads(settings(celery(settings={"task_default_queue_type": "classic", "timezone": "Europe/Vienna"})))
    assert found["task_default_queue_type"] == "classic" and found["timezone"] == "Europe/Vienna"
    assert found["task_acks_late"] and found["worker_prefetch_multiplier"] == 1


def test_a_module_alone_is_an_address_too() -> None:
    assert address(celery()) == "celery_runner:__name__"
    assert address(celery(app="shop.tasks:app")) == "shop.tasks:app"


def test_workers_want_a_broker() -> None:
    (problem,) = judge(celery(), set(), [], {"workers": ["w1"]})
    assert problem.startswith("The group workers has hosts, and no host is in the group brokers")
    assert list(judge(celery(), {"CELERY_BROKER_URL"}, [], {"workers": ["w1"]})) == []
    assert list(judge(celery(), set(), [], GROUPS)) == []
    assert list(judge(celery(), set(), ["celery"], {})) == []


def test_what_contradicts_is_said() -> None:
    problems = list(judge(celery(flower_port=5555), set(), ["beat", "celery", "mailer"], GROUPS))
    assert problems[0].startswith("app_programs.beat is what the group workers runs by that name.")
    assert problems[1].startswith("app_programs.celery")
    assert problems[2].startswith("celery_flower_port is set, and celery_flower_password is not")
