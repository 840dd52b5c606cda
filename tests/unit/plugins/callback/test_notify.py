# SPDX-License-Identifier: GPL-3.0-or-later
"""What the callback tells in which run; that Ansible calls it, and what arrives, is seen on real hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.task import Task
from ansible.template import trust_as_template

from ansible_collections.slipway.flask.plugins.callback import notify
from ansible_collections.slipway.flask.plugins.callback.notify import GATE, INVENTORY, RELEASE, SURVEY

WARNED = "notify_webhook answers 404 Not Found"
HOST = SimpleNamespace(get_name=lambda: "web1")
VARIABLES = {"app_name": "blog", "notify_webhook": trust_as_template("{{ vault }}"), "vault": "https://x/hunter2"}
SERVES = {"ansible_facts": {"slipway": {"apps": {"blog": {"current": {"release": "c0c0c0c0c0c0-d0"}}}}}}
GATED = {"commit": "c1" * 20, "subject": "First"}


class Courier:
    """Takes notices, and complains of each when it is settled."""

    sent = list[Any]()

    def __init__(self, targets: Any) -> None:
        assert targets.webhook == "https://x/hunter2"

    def send(self, notice: Any) -> list[str]:
        self.sent.append(notice)
        return []

    def settle(self) -> list[str]:
        return [WARNED]


def tasks(*states: str) -> Any:
    """A playbook with the acts of the release module, one block below the other."""
    block = Block()
    for state in states:
        task = Task()
        task.action, task.args = RELEASE, {"state": state}
        inner, block = block, Block()
        block.block = [task, inner]
    return SimpleNamespace(get_plays=lambda: [SimpleNamespace(tasks=[block])])


class Told:
    """A playbook as Ansible tells a callback about it."""

    def __init__(self, *states: str, variables: dict[str, Any] = VARIABLES) -> None:
        self.callback = notify.CallbackModule()
        manager = SimpleNamespace(get_vars=lambda **_: variables)
        play = SimpleNamespace(get_variable_manager=lambda: manager, get_loader=DataLoader)
        self.callback.v2_playbook_on_start(tasks(*states))
        self.callback.v2_playbook_on_play_start(play)

    def begin(self, action: str) -> Told:
        self.callback.v2_runner_on_start(HOST, SimpleNamespace(action=action))
        return self

    def ok(self, action: str, result: Any, **args: str) -> Told:
        self.callback.v2_runner_on_ok(self._result(action, result, args))
        return self

    def failed(self, message: str, **options: bool) -> Told:
        self.callback.v2_runner_on_failed(self._result("", {"msg": message}, {}), **options)
        return self

    def unreachable(self, message: str) -> Told:
        self.callback.v2_runner_on_unreachable(self._result("", {"msg": message}, {}))
        return self

    def end(self, failures: int = 0, dark: int = 0) -> list[str]:
        names = [{"web1": number} if number else {} for number in (failures, dark)]
        self.callback.v2_playbook_on_stats(SimpleNamespace(failures=names[0], dark=names[1]))
        return [notice.outcome for notice in Courier.sent]

    @staticmethod
    def _result(action: str, result: Any, args: dict[str, str]) -> Any:
        return SimpleNamespace(task=SimpleNamespace(action=action, args=args), host=HOST, result=result)


@pytest.fixture(autouse=True)
def warnings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    said: list[str] = []
    monkeypatch.setattr(notify, "Courier", Courier)
    monkeypatch.setattr(notify.CallbackModule, "_instances", 0)
    monkeypatch.setattr(notify.context, "CLIARGS", {"check": False})
    monkeypatch.setattr(notify.CallbackModule, "_warn", lambda _self, problems: said.extend(problems))
    Courier.sent.clear()
    yield said


def looked(*states: str) -> Told:
    return Told(*states).begin(INVENTORY).begin(SURVEY).ok(SURVEY, SERVES)


def test_a_deploy_is_told_at_its_start_and_at_its_end(warnings: list[str]) -> None:
    run = looked("prepared", "confirmed").ok(GATE, GATED)
    assert [notice.outcome for notice in Courier.sent] == ["started"]
    run.ok(RELEASE, {"pending": ["confirm"]}, state="prepared").ok(RELEASE, {"pending": []}, state="confirmed")
    assert run.end() == ["started", "succeeded"]
    assert {(notice.act, notice.commit, notice.hosts) for notice in Courier.sent} == {("deploy", "c1" * 20, ("web1",))}
    assert warnings == [WARNED]


def test_a_rollback_is_told_once_a_host_has_chosen() -> None:
    run = looked("selected").ok(RELEASE, {**GATED, "pending": ["switch"]}, state="selected")
    assert run.end() == ["started", "succeeded"]
    assert Courier.sent[0].act == "rollback" and Courier.sent[0].subject == "First"


def ended(change: Callable[[Told], Any], failures: int = 0, dark: int = 0) -> list[str]:
    run = looked("prepared")
    change(run)
    return run.end(failures, dark)


def test_whatever_ends_a_run_is_told_with_the_first_reason() -> None:
    assert ended(lambda run: run.failed("3 tests failed").failed("no more hosts"), failures=1) == ["failed"]
    assert Courier.sent[0].reason == "3 tests failed"
    Courier.sent.clear()
    shipping = ended(lambda run: run.ok(GATE, GATED).unreachable("No route to host"), dark=1)
    assert shipping == ["started", "failed"]
    assert Courier.sent[1].reason == "web1 cannot be reached: No route to host"


def test_going_back_after_a_failure_is_no_start() -> None:
    same = {"commit": "c0" * 20, "subject": "First"}
    undone = {"pending": ["switch"]}
    run = looked("prepared").ok(GATE, same).failed("unwell").ok(RELEASE, undone, state="restored")
    assert run.end(failures=1) == ["failed"]


def test_an_idle_run_is_not_told() -> None:
    idle = looked("prepared").ok(GATE, {"commit": "c0" * 20}).ok(RELEASE, {"pending": []}, state="prepared")
    assert idle.failed("no matter", ignore_errors=True).end() == []


@pytest.mark.parametrize(
    "variables", [{"app_name": "blog"}, {**VARIABLES, "vault": "ftp://x"}, {"notify_webhook": "http://x"}]
)
def test_without_a_target_nobody_is_told(variables: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "Courier", lambda _: pytest.fail("told"))
    assert Told("prepared", variables=variables).begin(INVENTORY).begin(SURVEY).failed("x").end(failures=1) == []


def test_a_variable_that_cannot_be_read_is_the_tasks_business() -> None:
    broken = {**VARIABLES, "notify_webhook": trust_as_template("{{ nope }}")}
    assert Told("prepared", variables=broken).begin(INVENTORY).end(failures=1) == []


def test_other_playbooks_and_check_mode_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked("restored").failed("x").end(failures=1) == []
    monkeypatch.setattr(notify.context, "CLIARGS", {"check": True})
    assert looked("prepared").ok(GATE, GATED).end() == []


def test_enabled_twice_it_tells_once() -> None:
    assert [notify.CallbackModule().disabled for _ in range(2)] == [False, True]
