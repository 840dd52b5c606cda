# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First contact: what the action does when no module can run. The script itself belongs to the tests on hosts."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.action import survey
from ansible_collections.slipway.flask.plugins.action.survey import ActionModule
from ansible_collections.slipway.flask.plugins.module_utils._core import bare

FACTS = {"changed": False, "ansible_facts": {"slipway": {"python": "3.11"}}}
BLIND = {"failed": True, "msg": "python3 was not found."}


class Host:
    """A host on which the module gives these answers, one after the other, and the script ends like this."""

    def __init__(self, *looks, rc=0, said="", hands_over=True, **variables):
        self.looks, self.rc, self.said, self.scripts, self.inputs = list(looks), rc, said, [], []
        self.hands_over = hands_over
        self.variables, self.pythons, self.awaited = variables, [], []

    def look(self, check_mode=False, **arguments):
        action = ActionModule.__new__(ActionModule)
        action._task = SimpleNamespace(args=arguments, check_mode=check_mode)
        action._execute_module = self._look
        action._low_level_execute_command = self._run
        action._connection = SimpleNamespace(has_pipelining=self.hands_over)
        return action.run(task_vars=self.variables)

    def _look(self, module_args, task_vars, **_):
        self.awaited.append(module_args["awaited"])
        self.pythons.append(task_vars.get("ansible_python_interpreter"))
        return self.looks.pop(0)

    def _run(self, script, in_data):
        self.scripts.append(script.removeprefix(survey.NO_INPUT))
        self.inputs.append(in_data)
        assert script.startswith(survey.NO_INPUT) == (in_data is None)
        return {"rc": self.rc, "stdout": self.said, "stderr": "a banner"}


@pytest.fixture(autouse=True)
def _bare_base(monkeypatch):
    monkeypatch.setattr(ActionBase, "run", lambda *_: {})


def test_a_host_with_python_is_asked_once():
    host = Host(FACTS)
    assert host.look(without_python="install") == FACTS
    assert host.scripts == []


def test_python_is_brought_to_a_host_without_it():
    host = Host(BLIND, FACTS)
    assert host.look(without_python="install\n") == FACTS | {"changed": True}
    assert host.scripts == ["install"]


def test_a_script_that_fails_has_the_word():
    host = Host(BLIND, rc=3, said="This host is Alpine.\n")
    answer = host.look(without_python="install")
    assert answer == {"failed": True, "msg": "This host is Alpine.\npython3 was not found."}


def test_a_host_that_is_known_to_have_none_is_not_asked_in_vain():
    host = Host(FACTS, ansible_python_interpreter=survey.ORDINARY, ansible_facts={"slipway": {"bare": True}})
    assert host.look(without_python="install") == FACTS | {"changed": True}
    assert host.pythons == [survey.ORDINARY]  # the other interpreter cannot be there
    answer = host.look(check_mode=True, without_python="install")
    assert answer == {"failed": True, "msg": survey.BLIND} and host.scripts == ["install"]
    host.rc, host.said = 3, "No such package.\n"
    assert host.look(without_python="install") == {"failed": True, "msg": "No such package."}


def test_what_a_script_reads_is_no_argument():
    host = Host(BLIND, FACTS)
    host.look(without_python="install", input="a secret")
    assert host.inputs == [b"a secret"] and host.scripts == ["install"]
    without = Host(BLIND, FACTS, hands_over=False)
    without.look(without_python="install", input="a secret")
    assert without.inputs == [None] and without.scripts == ["install"]


@pytest.mark.parametrize("script", ["by_shell", "without_python"])
def test_a_script_that_has_waited_for_python_leads_to_another_look(script):
    host = Host(BLIND, FACTS, rc=survey.AGAIN)
    assert host.look(**{script: "wait"}) == FACTS and host.scripts == ["wait"]


def test_packages_are_awaited_where_somebody_says_so_and_nowhere_else():
    host = Host(FACTS, FACTS)
    assert host.look() == host.look(awaited=True) == FACTS
    assert host.awaited == [False, True]


def test_who_does_not_ask_for_python_gets_none():
    host = Host(BLIND)
    assert host.look() == BLIND
    assert host.scripts == []


def test_check_mode_installs_nothing():
    host = Host(BLIND)
    answer = host.look(check_mode=True, without_python="install")
    assert answer["failed"] and "Outside of check mode it is installed. python3 was not found." in answer["msg"]
    assert host.scripts == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_host_without_python_tells_what_it_will_have(check_mode):
    host = Host(BLIND, said='os-release: ID=debian\nos-release: VERSION_ID="13"\n')
    answer = host.look(check_mode=check_mode, by_shell="tell")
    assert answer == {"changed": False, "ansible_facts": {"slipway": bare.facts(host.said)}}
    assert answer["ansible_facts"]["slipway"]["python"] == "3.13"
    assert host.scripts == ["tell"]


@pytest.mark.parametrize(
    ("digest", "word"),
    [
        (hashlib.sha256(survey.SOURCE.read_bytes()).hexdigest(), "current"),
        ("c0ffee", "outdated"),
        ("", "absent"),
        (None, "foreign"),
    ],
)
def test_the_interpreter_of_a_host_is_compared_with_the_one_of_the_collection(digest, word):
    host = Host({"changed": False, "ansible_facts": {"slipway": {"step_cache": digest}}})
    assert host.look()["ansible_facts"] == {"slipway": {"step_cache": word}}


def test_a_host_that_cannot_even_tell_is_no_host_for_us():
    host = Host(BLIND, rc=3, said="This host is Alpine.\n")
    answer = host.look(by_shell="tell")
    assert answer == {"failed": True, "msg": "This host is Alpine.\npython3 was not found."}


def test_the_look_itself_is_made_with_the_interpreter_where_it_is():
    host = Host(FACTS, ansible_python_interpreter=survey.ORDINARY)
    assert host.look() == FACTS and host.pythons == [survey.STEP_CACHE]


def test_a_host_without_it_is_looked_at_with_the_ordinary_python():
    missing = {"failed": True, "rc": 127, "msg": "The module interpreter was not found."}
    host = Host(missing, FACTS, ansible_python_interpreter=survey.ORDINARY)
    assert host.look() == FACTS and host.pythons == [survey.STEP_CACHE, survey.ORDINARY]


@pytest.mark.parametrize(
    "variables",
    [
        {},  # what ansible.cfg says, or what Ansible finds
        {"ansible_python_interpreter": "/opt/own/bin/python"},
        {"ansible_python_interpreter": survey.ORDINARY, "step_cache": False},
        {"ansible_python_interpreter": survey.ORDINARY, "step_cache": "false"},
    ],
)
def test_who_chose_another_python_or_wants_no_cache_gets_none(variables):
    host = Host(FACTS, **variables)
    assert host.look() == FACTS and host.pythons == [variables.get("ansible_python_interpreter")]
