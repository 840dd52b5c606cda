# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable a user may set: what it is called, whose it is, what it is worth unset, what it means.

The one home of these facts: the description of an app takes its defaults from here, the inventory's
names are judged against it, and the reference is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    variables_app,
    variables_hosts,
    variables_platform,
    variables_queue,
)


@dataclass(frozen=True)
class Variable:
    """One public name. `default` None: required, or found out when it is needed, as `meaning` says."""

    name: str
    owner: str
    type: str
    default: object = field(hash=False)
    meaning: str


_ROWS = (*variables_app.ROWS, *variables_hosts.ROWS, *variables_queue.ROWS, *variables_platform.ROWS)
VARIABLES = {row[0]: Variable(*row) for row in _ROWS}
