# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a site goes in among the sites that a host has."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_fit
short_description: Say whether a site fits beside the sites a host has
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - Compares a site with those that M(slipway.flask.survey) found.
  - Debian's own default site makes way.
  - Any other site that answers the same names is a problem, or is adopted when that is asked for.
options:
  _input:
    description: C(site_config) of the role P(slipway.flask.site#role).
    type: dict
    required: true
  sites:
    description: The fact C(front.PROVIDER.sites).
    type: list
    elements: dict
    required: true
  adopt:
    description: Take foreign sites that are in the way out of service.
    type: bool
    default: false
  encrypted:
    description: The site listens on port 443 as well.
    type: bool
    default: false
"""

EXAMPLES = r"""
fit: "{{ site_config | slipway.flask.site_fit(ansible_facts['slipway'].front.nginx.sites) }}"
"""

RETURN = r"""
_value:
  description: >-
    C(problems), sentences for a person; C(displaced), the links to remove; C(refused), the ports where a site
    that refuses all other names belongs beside this one; C(shared), whether somebody else has a site there.
  type: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.site import Wanted, fit, ports


def site_fit(
    config: Mapping[str, Any], sites: Iterable[Mapping[str, Any]], adopt: bool = False, encrypted: bool = False
) -> dict[str, Any]:
    wanted = Wanted(config["name"], config["domains"], ports(encrypted), adopt, config["provider"])
    return dict(vars(fit(wanted, sites)))


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"site_fit": site_fit}
