# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the program that backs up reads."""

from __future__ import annotations

DOCUMENTATION = r"""
name: backup_config
short_description: Render what the program that backs up an app reads
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - The content of C(/etc/slipway/APP/backup.json), which holds secrets.
  - A database elsewhere is described by the variables of C(libpq).
options:
  _input:
    description:
      - The app's C(name) and C(root), the C(host) in the inventory, and of the role P(slipway.flask.backup#role) its
        C(time), C(repository), C(environment), C(keep), C(files) and C(database).
      - Whether there is a C(key) to log in with, and C(known_hosts).
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ wish | slipway.flask.backup_config | to_nice_json }}"
"""

RETURN = r"""
_value:
  description: The settings.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.backup_config import config


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"backup_config": config}
