# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reaches a site that is in maintenance."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_guests
short_description: Render the addresses that a site in maintenance lets in
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - Lines for nginx's C(geo), one for each network.
  - Fails when an entry is no address and no network.
options:
  _input:
    description: Addresses and networks, C(site_maintenance_exempt).
    type: list
    elements: str
    required: true
  value:
    description: What these networks get as their value.
    type: str
    required: true
"""

EXAMPLES = r"""
content: "{{ ['203.0.113.0/24'] | slipway.flask.site_guests('none') }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge
from ansible_collections.slipway.flask.plugins.module_utils._core.maintenance import RULES, guests
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing


def site_guests(networks: list[str], value: str) -> str:
    problems = judge(RULES, {"site_maintenance_exempt": networks})
    if problems:
        raise AnsibleFilterError(listing(problems))
    return guests(networks, value)


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"site_guests": site_guests}
