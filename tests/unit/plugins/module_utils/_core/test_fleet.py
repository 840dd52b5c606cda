# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.fleet import (
    disagreement,
    judge_init,
    places,
    wave_size,
)

HOSTS = st.lists(st.sampled_from("abcdefghij"), min_size=1, unique=True)
WAVES = st.one_of(st.integers(1, 20).map(str), st.integers(1, 200).map("{}%".format))


@given(HOSTS, WAVES, st.sets(st.sampled_from("abcdefghijk")))
def test_one_canary_then_full_waves_and_one_leader(hosts, wave, initialised):
    found = places(hosts, wave, initialised)
    numbers = [found[host].wave for host in hosts]
    waves = [numbers.count(number) for number in range(max(numbers) + 1)]
    assert numbers == sorted(numbers)
    assert waves[0] == 1
    assert all(size == wave_size(wave, len(hosts)) for size in waves[1:-1])
    assert 1 <= waves[-1] <= max(1, wave_size(wave, len(hosts)))
    assert {place.waves for place in found.values()} == {len(waves)}
    assert sum(place.leader for place in found.values()) == 1


@pytest.mark.parametrize(
    ("initialised", "leader"), [(set(), "a"), ({"c"}, "c"), ({"b", "c"}, "b"), ({"gone"}, "a"), ({"a", "b"}, "a")]
)
def test_the_leader_is_who_ran_the_commands_before(initialised, leader):
    found = places(["a", "b", "c"], "1", initialised)
    assert [host for host, place in found.items() if place.leader] == [leader]


def test_hosts_behind_the_servers_come_first_and_each_kind_has_a_canary():
    found = places(["a", "b", "c", "d", "e"], "100%", set(), behind={"b", "d", "e"})
    assert {host: place.wave for host, place in found.items()} == {"b": 0, "d": 1, "e": 1, "a": 2, "c": 3}
    assert found["a"].canaries == (0, 2) and found["a"].leader
    assert places(["b", "d"], "100%", set(), behind={"b", "d"})["b"].leader


@pytest.mark.parametrize(
    ("wave", "hosts", "size"),
    [
        ("25%", 1, 1),
        ("25%", 4, 1),
        ("25%", 7, 1),
        ("25%", 8, 2),
        ("25 %", 8, 2),
        (" 100% ", 3, 3),
        ("200%", 3, 6),
        ("2", 9, 2),
        ("99", 3, 99),
    ],
)
def test_a_wave_is_a_number_of_hosts_or_a_share_of_them(wave, hosts, size):
    assert wave_size(wave, hosts) == size


@pytest.mark.parametrize("wave", ["", "%", "0", "0%", "-1", "-5%", "1.5", "half", "2 hosts", "²", "25%%", "None"])
def test_anything_else_is_an_error_that_shows_the_value(wave):
    with pytest.raises(SlipwayError) as caught:
        places(["a", "b"], wave, set())
    assert str(caught.value) == f"deploy_wave is {wave!r}. Write a number of hosts (2) or a share of them (25%)."


def test_what_runs_once_does_not_run_where_who_may_have_run_it_is_away():
    with pytest.raises(SlipwayError, match=r"Whether they have, a, c may know.*--limit"):
        judge_init(["flask init-db"], set(), ["a", "c"])
    judge_init([], set(), ["a"])
    judge_init(["flask init-db"], {"b"}, ["a"])
    judge_init(["flask init-db"], set(), [])


GOOD = {"changed": True, "release": "r1"}


@pytest.mark.parametrize(
    ("results", "problems"),
    [
        ({"a": GOOD, "b": GOOD}, []),
        ({"a": GOOD, "b": {"skipped": True}}, []),
        ({"a": GOOD}, ["b: cannot be reached any more"]),
        ({"a": GOOD, "b": None}, ["b: cannot be reached any more"]),
        ({"a": GOOD, "b": {"unreachable": True, "msg": "timed out"}}, ["b: cannot be reached any more"]),
        ({"a": {"failed": True, "msg": " no disk\n"}, "b": GOOD}, ["a: no disk"]),
        ({"a": {"failed": True}, "b": {"failed": True, "msg": "x"}}, ["a: failed", "b: x"]),
        (
            {"a": {"commit": "1" * 40}, "b": {"commit": "2" * 40}},
            ["the hosts would not serve the same commit: a 111111111111, b 222222222222"],
        ),
        ({"a": {"commit": "1"}, "b": {"commit": "2", "failed": True, "msg": "x"}}, ["b: x"]),
    ],
)
def test_why_the_hosts_may_not_go_on(results, problems):
    assert disagreement(["a", "b"], results, same="commit") == problems


def test_different_values_are_fine_where_nothing_has_to_be_the_same():
    assert disagreement(["a", "b"], {"a": {"release": "1"}, "b": {"release": "2"}}) == []
