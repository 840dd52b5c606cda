# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an app needs of Debian."""

from __future__ import annotations

DOCUMENTATION = r"""
name: app_packages
short_description: Say which packages of Debian every host needs that runs an app
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - The one home of these names is shared with what is brought to a host that has no Python yet.
options:
  _input:
    description: The services that the app is told of, by group.
    type: dict
    required: true
"""

EXAMPLES = r"""
base_packages: "{{ app_services | slipway.flask.app_packages }}"
"""

RETURN = r"""
_value:
  description: Names of packages.
  type: list
  elements: str
"""

from collections.abc import Callable, Collection
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import debian


def app_packages(services: Collection[str]) -> list[str]:
    return debian.of_app(services)


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"app_packages": app_packages}
