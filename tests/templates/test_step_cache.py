# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the role puts the interpreter is where the look at a host expects it."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import STEP_CACHE
from tests.templates.render import evaluate


def test_it_has_one_place() -> None:
    assert evaluate("step_cache", "{{ __step_cache_program }}") == STEP_CACHE
