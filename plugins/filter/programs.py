# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else an app runs, in two halves: what its host is set up for, and what comes with each release."""

from __future__ import annotations

DOCUMENTATION = r"""
name: programs
short_description: Take C(app_programs) apart
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - Which programs there are, how many, and how they end is set up with the host. Their commands are a release's.
options:
  _input:
    description: C(app_programs).
    type: dict
    required: true
"""

EXAMPLES = r"""
commands: "{{ ({'mailer': 'flask run-mailer'} | slipway.flask.programs).commands }}"
"""

RETURN = r"""
_value:
  description: >-
    C(commands), the command of each; C(background), those that listen nowhere, as the role
    P(slipway.flask.supervisor#role) takes them.
  type: dict
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.programs import background, commands


def programs(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {"commands": commands(entries), "background": [asdict(one) for one in background(entries)]}


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"programs": programs}
