#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: broker_info
short_description: What a broker has of an app
version_added: 0.1.0
description:
  - Asks RabbitMQ on this host for its cluster, its alarms, and the app's queues.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.looks]
options:
  name:
    description: Name of the app, C(app_name).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Ask
  slipway.flask.broker_info:
    name: blog
"""

RETURN = r"""
report:
  description:
    - C(node) is how this broker is called, C(nodes) are all of its cluster, C(running) those that run.
    - C(alarms) are why publishers have to wait, where they have to.
    - C(queues) are the app's, each with C(name), C(type), C(workers) that take from it, C(waiting) tasks, and
      C(at_work), those that were handed out and are not done.
    - C(later) is how many tasks wait for their time, C(dead) how many were put aside in the queue C(APP.dead).
  type: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import broker


def main() -> None:
    module = AnsibleModule(argument_spec={"name": {"type": "str", "required": True}}, supports_check_mode=True)
    try:
        found = broker.report(module.params["name"])
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, report=found)


if __name__ == "__main__":
    main()
