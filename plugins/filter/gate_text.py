# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of the gate as text."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gate_text
short_description: The result of the gate as text
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description: The result of the gate as text.
options:
  _input:
    description: What M(slipway.flask.test_gate) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
msg: "{{ slipway_gate | slipway.flask.gate_text }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.gate_text import render


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"gate_text": render}
