# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a front server is on Debian."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_server
short_description: Say what a front server is called on Debian, and how it is asked about its files
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - The one home of these facts is shared with M(slipway.flask.survey) and with what is said before a run.
options:
  _input:
    description: The front server.
    type: str
    choices: [nginx, apache]
    required: true
"""

EXAMPLES = r"""
validate: ["{{ ('nginx' | slipway.flask.site_server).check }}"]
"""

RETURN = r"""
_value:
  description: >-
    C(unit), of systemd; C(check), the words of the command that judges the configuration; C(folder), of its files.
  type: dict
"""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS


def site_server(front: str) -> dict[str, Any]:
    server = FRONTS[front]
    return {"unit": server.unit, "check": list(server.check), "folder": str(PurePosixPath(server.links).parent)}


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"site_server": site_server}
