# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many tests passed at the gate."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gate_tests
short_description: How many tests passed at the gate
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description: How many tests passed at the gate.
options:
  _input:
    description: What M(slipway.flask.test_gate) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
msg: "{{ slipway_gate | slipway.flask.gate_tests }}"
"""

RETURN = r"""
_value:
  description: The count on the Python with the fewest.
  type: int
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.gate_text import passed


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"gate_tests": passed}
