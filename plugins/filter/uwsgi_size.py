# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How large the servers of an app are on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: uwsgi_size
short_description: Say how many processes a slot has, and how large they may grow
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - What is 0 is found out from what M(slipway.flask.survey) found of cores and memory.
options:
  _input:
    description: The facts of a host.
    type: dict
    required: true
  slots:
    description: C(web_slots).
    type: int
    required: true
  processes:
    description: C(uwsgi_processes).
    type: int
    required: true
  memory_mb:
    description: C(uwsgi_memory_mb).
    type: int
    required: true
"""

EXAMPLES = r"""
size: "{{ ansible_facts['slipway'] | slipway.flask.uwsgi_size(2, 0, 0) }}"
"""

RETURN = r"""
_value:
  description: C(processes) of each slot, and C(memory_mb) of a process at which it is renewed, 0 when it never is.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.sizing import size


def uwsgi_size(facts: Mapping[str, Any], slots: int, processes: int, memory_mb: int) -> dict[str, int]:
    return dict(vars(size(facts, int(slots), int(processes), int(memory_mb))))


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"uwsgi_size": uwsgi_size}
