# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.sizing import LEAST_MB, STEP_MB, Size, size


def behind(facts, slots=0, processes=0, memory_mb=0):
    return size(facts, "blog", True, Size(slots, processes, memory_mb))


def by_itself(facts, slots=0):
    return size(facts, "blog", False, Size(slots))


def having(slots, unit):
    """A host where the app has so many slots."""
    app = {"front": {"unit": unit}, "programs": {"web": {"slots": slots}}}
    return {"cores": 4, "memory_mb": 8192, "apps": {"blog": app}}


@pytest.mark.parametrize(
    ("facts", "slots", "found"),
    [
        ({"cores": 2, "memory_mb": 4096}, 0, Size(2, 2, 768)),
        ({"cores": 1, "memory_mb": 1024}, 2, Size(2, 1, 384)),
        # memory is what there is too little of
        ({"cores": 8, "memory_mb": 2048}, 2, Size(2, 3, 256)),
        ({"cores": 4, "memory_mb": 256}, 2, Size(2, 1, 256)),
        ({"cores": 2, "memory_mb": 960}, 2, Size(2, 1, 320)),
        ({"cores": 64, "memory_mb": 262144}, 3, Size(3, 64, 1024)),
        # nobody has looked
        ({}, 0, Size(2, 2, 0)),
    ],
)
def test_by_cores_and_memory(facts, slots, found):
    assert behind(facts, slots) == found


@pytest.mark.parametrize(
    ("facts", "slots", "found"),
    [
        ({"cores": 8, "memory_mb": 16384}, 0, 8),
        ({"cores": 8, "memory_mb": 2048}, 0, 6),
        ({"cores": 32, "memory_mb": 65536}, 0, 9),
        ({"cores": 1, "memory_mb": 512}, 0, 2),
        ({"cores": 8, "memory_mb": 16384}, 3, 3),
        ({}, 0, 2),
        # no look at all, only that the app is there
        ({"apps": ["blog"]}, 0, 2),
    ],
)
def test_a_slot_without_a_front_server_is_a_process(facts, slots, found):
    assert by_itself(facts, slots) == Size(found, 1)


def test_a_host_keeps_its_slots_until_somebody_says_otherwise():
    assert by_itself(having(3, "")).slots == 3
    assert by_itself(having(3, ""), 2).slots == 2
    assert behind(having(3, "nginx.service")).slots == 3
    # to another kind of server all of them are stopped anyway
    assert by_itself(having(2, "nginx.service")).slots == 4
    assert behind(having(4, "")).slots == 2
    # set up, but never finished
    assert by_itself({"cores": 4, "memory_mb": 8192, "apps": {"blog": None}}).slots == 4


def test_what_is_said_holds():
    assert behind({"cores": 8, "memory_mb": 8192}, processes=3, memory_mb=50) == Size(2, 3, 50)


@given(st.integers(1, 256), st.integers(128, 2**21), st.integers(1, 9))
def test_it_always_fits(cores, memory_mb, slots):
    found = behind({"cores": cores, "memory_mb": memory_mb}, slots)
    assert 1 <= found.processes <= cores
    assert found.memory_mb == LEAST_MB or found.memory_mb * found.processes * slots <= memory_mb
    assert found.memory_mb % STEP_MB == 0
