# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a host as text."""

from __future__ import annotations

DOCUMENTATION = r"""
name: status_text
short_description: Render what M(slipway.flask.release_info) found
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description: A few lines that a person reads.
options:
  _input:
    description: RV(slipway.flask.release_info#module:report).
    type: dict
    required: true
"""

EXAMPLES = r"""
msg: "{{ found.report | slipway.flask.status_text }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.status import render


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"status_text": render}
