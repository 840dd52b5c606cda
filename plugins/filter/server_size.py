# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How large the servers of an app are on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: server_size
short_description: Say how many servers an app has on a host, and how large they may grow
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - What is 0 is found out from what M(slipway.flask.survey) found of cores, of memory, and of the app.
options:
  _input:
    description: The facts of a host.
    type: dict
    required: true
  app:
    description: Name of the app.
    type: str
    required: true
  front:
    description: The front server; empty when visitors reach the app's own server.
    type: str
    required: true
  slots:
    description: C(web_slots).
    type: int
    required: true
  processes:
    description: C(uwsgi_processes).
    type: int
    default: 0
  memory_mb:
    description: C(uwsgi_memory_mb).
    type: int
    default: 0
"""

EXAMPLES = r"""
size: "{{ ansible_facts['slipway'] | slipway.flask.server_size('blog', 'nginx', 0) }}"
"""

RETURN = r"""
_value:
  description: C(slots), C(processes) of each, and C(memory_mb) of a process at which it is renewed, 0 when it never is.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.sizing import Size, size


def server_size(
    facts: Mapping[str, Any], app: str, front: str, slots: int, processes: int = 0, memory_mb: int = 0
) -> dict[str, int]:
    said = Size(int(slots), int(processes), int(memory_mb))
    return dict(vars(size(facts, app, bool(front), said)))


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"server_size": server_size}
