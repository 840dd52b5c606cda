# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.sizing import LEAST_MB, STEP_MB, Size, size


@pytest.mark.parametrize(
    ("facts", "slots", "found"),
    [
        ({"cores": 2, "memory_mb": 4096}, 2, Size(2, 768)),
        ({"cores": 1, "memory_mb": 1024}, 2, Size(1, 384)),
        # memory is what there is too little of
        ({"cores": 8, "memory_mb": 2048}, 2, Size(3, 256)),
        ({"cores": 4, "memory_mb": 256}, 2, Size(1, 256)),
        ({"cores": 2, "memory_mb": 960}, 2, Size(1, 320)),
        ({"cores": 64, "memory_mb": 262144}, 3, Size(64, 1024)),
        # nobody has looked
        ({}, 2, Size(2, 0)),
    ],
)
def test_by_cores_and_memory(facts, slots, found):
    assert size(facts, slots) == found


def test_what_is_said_holds():
    assert size({"cores": 8, "memory_mb": 8192}, 2, processes=3, memory_mb=50) == Size(3, 50)


@given(st.integers(1, 256), st.integers(128, 2**21), st.integers(1, 9))
def test_it_always_fits(cores, memory_mb, slots):
    found = size({"cores": cores, "memory_mb": memory_mb}, slots)
    assert 1 <= found.processes <= cores
    assert found.memory_mb == LEAST_MB or found.memory_mb * found.processes * slots <= memory_mb
    assert found.memory_mb % STEP_MB == 0
