# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a site needs of Debian."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_packages
short_description: Say which packages of Debian a front server and the certificate of its site need
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - The one home of these names is shared with what is brought to a host that has no Python yet.
options:
  _input:
    description: The front server, or nothing.
    type: str
    choices: ["", nginx, apache]
    required: true
  tls:
    description: Where the certificate comes from, C(site_tls). YAML reads V(off) as false.
    type: raw
    required: true
"""

EXAMPLES = r"""
app_host_packages: "{{ 'nginx' | slipway.flask.site_packages('acme') }}"  # nginx-light, certbot, openssl
"""

RETURN = r"""
_value:
  description: Names of packages.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import debian, tls


def site_packages(front: str, method: str | bool) -> list[str]:
    return debian.of_site(front, str(method or tls.OFF))


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"site_packages": site_packages}
