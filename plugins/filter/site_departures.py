# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front servers that an app is taken out of when its host moves to another stack."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_departures
short_description: Say which front servers serve an app that they shall not
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - Looks for sites of the app in what M(slipway.flask.survey) found, in every front server but the one that is wanted.
  - A front server that serves nobody else is stopped, and does not start at boot.
options:
  _input:
    description: The facts of a host.
    type: dict
    required: true
  name:
    description: Name of the app.
    type: str
    required: true
  front:
    description: The front server that it shall have, or an empty text for none.
    type: str
    required: true
"""

EXAMPLES = r"""
left: "{{ ansible_facts['slipway'] | slipway.flask.site_departures('blog', 'apache') }}"
"""

RETURN = r"""
_value:
  description: Arguments of M(slipway.flask.file_set), O(slipway.flask.file_set#module:absent) and the like, for each.
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.moves import Departure, departures


def site_departures(facts: Mapping[str, Any], name: str, front: str) -> list[dict[str, Any]]:
    return [_arguments(one) for one in departures(name, front, facts)]


def _arguments(one: Departure) -> dict[str, Any]:
    server = FRONTS[one.front]
    told = {"on_change": "reload"} if one.stays else {"state": "stopped", "enabled": False}
    return {
        "absent": list(one.absent),
        "validate": [list(server.check)] if one.stays else [],
        "unit": {"name": server.unit, **told},
    }


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"site_departures": site_departures}
