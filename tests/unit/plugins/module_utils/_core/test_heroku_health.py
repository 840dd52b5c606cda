# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When dynos are as wanted, and how it is told when not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_health
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_formation import Kind
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_health import Dyno, crashed, missing

FORMATION = {"web": Kind(2, "Basic"), "worker": Kind(0, "Basic")}
GOOD = {"health_path": "/", "wait_seconds": 600, "rollback": "", "commit": "a" * 40, "formation": {}}


def web(number: int, state: str = "up", version: int = 7) -> Dyno:
    return Dyno(f"web.{number}", "web", state, version)


@pytest.mark.parametrize(
    ("dynos", "wrong"),
    [
        ([web(1), web(2)], []),
        ([web(1, "idle"), web(2, version=8)], []),
        ([web(1), web(2), Dyno("run.1", "run", "starting", 6)], []),
        ([web(1)], ["web has 1 dynos of 2"]),
        ([web(1), web(2, "starting")], ["web.2 is starting"]),
        ([web(1), web(2, version=6)], ["web.2 still runs v6"]),
        ([web(1), web(2), Dyno("worker.1", "worker", "up", 7)], ["worker has 1 dynos of 0"]),
    ],
)
def test_every_dyno_runs_the_release(dynos: list[Dyno], wrong: list[str]) -> None:
    assert missing(dynos, FORMATION, 7) == wrong


def test_only_dynos_of_the_release_have_crashed_of_it() -> None:
    dynos = [web(1, "crashed"), web(2, "crashed", 6), Dyno("run.1", "run", "crashed", 7), web(3)]
    assert crashed(dynos, FORMATION, 7) == {"web.1"}


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("health_path", "healthz", "write a path of the site"),
        ("wait_seconds", 0, "1 or more"),
        ("rollback", "12", "write previous, or a release such as v12"),
        ("commit", "abc", "write a whole commit"),
        ("formation", {"web": {"quantity": -1}}, "formation.web.quantity is -1"),
        ("formation", {"web": {"quantty": 1}}, "formation.web has no key quantty. Did you mean quantity?"),
        ("formation", {"web": {"size": "a b"}}, "write the name of a size"),
        ("formation", {"web": 2}, "write a dictionary with quantity, size"),
    ],
)
def test_options_that_cannot_be(option: str, value: Any, said: str) -> None:
    (problem,) = heroku_health.judge({**GOOD, option: value})
    assert said in problem


def test_options_that_can() -> None:
    formation = {"web": {"quantity": 2, "size": "standard-1X"}, "worker": {"quantity": 0}}
    assert not list(heroku_health.judge({**GOOD, "formation": formation, "rollback": "v12", "commit": ""}))


def test_of_a_refused_build_the_platform_s_words_are_told() -> None:
    said = "Enumerating objects\nremote: \nremote: -----> Python app detected        \nremote:  !     No luck.\nTo https://x\n"
    assert heroku_health.push_failed(said) == "\n    -----> Python app detected\n    !     No luck."
    assert heroku_health.push_failed("fatal: could not connect\n") == "\n    fatal: could not connect"
    assert heroku_health.tail("a\nb\nc\n", 2) == "\n    b\n    c" and heroku_health.tail("") == ""


def test_dynos_are_read() -> None:
    row = {"name": "web.1", "type": "web", "state": "up", "release": {"id": "x", "version": 7}}
    assert heroku_health.read_dynos([row]) == [web(1)]
