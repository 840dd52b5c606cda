# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.progress import Progress, act_of

COMMIT = "c1c1c1c1c1c1" + "0" * 28
BEGIN = Progress("blog", "deploy", "anna@laptop")


def serving(release: str) -> dict[str, object]:
    return {"apps": {"blog": {"current": {"release": release}}, "shop": {"current": {"release": "s"}}}}


@pytest.mark.parametrize(
    ("live", "ships"),
    [
        ([serving("c1c1c1c1c1c1-d1")], False),
        ([serving("c1c1c1c1c1c1-d1"), serving("c1c1c1c1c1c1-d2")], False),
        ([serving("c0c0c0c0c0c0-d1")], True),
        ([serving("c1c1c1c1c1c1-d1"), serving("c0c0c0c0c0c0-d1")], True),
        ([{"apps": {}}], True),
        ([{"apps": {"blog": {"current": None}}}], True),
        ([{}], True),
    ],
)
def test_a_commit_that_some_host_does_not_serve_ships(live, ships):
    found = BEGIN
    for number, facts in enumerate(live):
        found = found.saw(f"web{number}", facts)
    found = found.gated({"commit": COMMIT, "subject": "First"})
    assert (found.commit, found.subject, found.ships) == (COMMIT, "First", ships)


def test_another_environment_for_the_same_commit_ships_once_a_host_says_so():
    same = BEGIN.saw("web1", serving("c1c1c1c1c1c1-d1")).gated({"commit": COMMIT, "subject": "First"})
    assert not same.planned({"pending": []}).ships
    assert same.planned({"pending": ["confirm"]}).ships
    assert same.planned({"pending": ["confirm"]}).commit == COMMIT


def test_a_rollback_knows_what_it_goes_back_to_when_a_host_has_chosen():
    chosen = BEGIN.planned({"pending": ["switch"], "commit": COMMIT, "subject": "First"})
    assert (chosen.commit, chosen.subject, chosen.ships) == (COMMIT, "First", True)
    assert not BEGIN.planned({"pending": [], "commit": COMMIT, "subject": None}).ships


@given(st.lists(st.sampled_from(["web3", "web1", "web2"])))
def test_hosts_are_named_once_and_in_order(names):
    found = BEGIN
    for name in names:
        found = found.saw(name, {})
    assert list(found.hosts) == sorted(set(names))


def test_the_first_failure_is_the_reason_and_only_of_a_failure():
    found = BEGIN.failed("web:1 is unwell\nlog").failed("All go back")
    assert found.notice("failed", "now", 1.26).reason == "web:1 is unwell"
    assert found.notice("failed", "now", 1.26).seconds == 1.3
    assert found.notice("succeeded", "now", 1).reason == ""
    assert BEGIN.failed("").reason == "it does not say why"


@pytest.mark.parametrize(
    ("states", "act"),
    [
        ([], ""),
        (["migrated", "restored"], ""),
        (["prepared", "migrated"], "deploy"),
        (["selected", "tried"], "rollback"),
    ],
)
def test_what_a_playbook_does_is_told_by_its_first_act(states, act):
    assert act_of(states) == act
