# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an app shall use its queue at AWS."""

from __future__ import annotations

DOCUMENTATION = r"""
name: queue_settings
short_description: The variable E(CELERY_SETTINGS) of an app whose tasks wait in SQS
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - For the role P(slipway.flask.elastic_beanstalk#role).
options:
  _input:
    description: Result of M(slipway.flask.check_platform).
    type: dict
    required: true
  queue:
    description: Result of P(community.aws.sqs_queue#module). In check mode it may not know the queue yet.
    type: dict
    required: true
"""

EXAMPLES = r"""
CELERY_SETTINGS: "{{ platform_found | slipway.flask.queue_settings(queue) }}"
"""

RETURN = r"""
_value:
  description: JSON.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import platform_beanstalk


def queue_settings(found: Mapping[str, Any], queue: Mapping[str, Any]) -> str:
    region = str(queue.get("region") or found["region"])
    name, url = str(queue["name"]), str(queue.get("queue_url") or "")
    return platform_beanstalk.of_queue(found["celery_settings"], name, url, region, found["visibility_seconds"])


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"queue_settings": queue_settings}
