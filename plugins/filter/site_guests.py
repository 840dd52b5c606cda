# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reaches a site that is in maintenance."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_guests
short_description: The file of the addresses that a site in maintenance lets in
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - One line for each network, as a front server reads it, or the app's own server.
  - Fails when an entry is no address and no network.
options:
  _input:
    description: Addresses and networks, C(site_maintenance_exempt).
    type: list
    elements: str
    required: true
  front:
    description: The front server, or an empty text for the app's own server.
    type: str
    required: true
  name:
    description: Name of the app.
    type: str
    required: true
"""

EXAMPLES = r"""
files: ["{{ ['203.0.113.0/24'] | slipway.flask.site_guests('nginx', 'blog') }}"]
"""

RETURN = r"""
_value:
  description: An entry for O(slipway.flask.file_set#module:files).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge
from ansible_collections.slipway.flask.plugins.module_utils._core.maintenance import RULES, guests
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing


def site_guests(networks: list[str], front: str, name: str) -> dict[str, str]:
    problems = judge(RULES, {"site_maintenance_exempt": networks})
    if problems:
        raise AnsibleFilterError(listing(problems))
    path, content = guests(networks, front, name)
    return {"path": path, "content": content}


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"site_guests": site_guests}
