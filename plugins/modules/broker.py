#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: broker
short_description: Give an app its place on a RabbitMQ, and take the node into its cluster
version_added: 0.1.0
description:
  - An app has a virtual host and a user of its own name, a policy for all of its queues, and a queue C(APP.dead) for
    tasks that were delivered too often or that no worker knows. The user C(guest) goes.
  - What is there is read in one step, as RabbitMQ exports its definitions, and what is missing is imported in one.
  - The password is in no argument list; RabbitMQ is given its digest.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
options:
  name:
    description: Name of the app.
    type: str
    required: true
  state:
    description:
      - V(absent) deletes the virtual host, with all tasks in it, and the user.
      - V(retired) hands on what the node has to the others of its cluster, and leaves that. A node alone that still has
        tasks of the app is an error. One that other apps have a place in, too, stays.
    <<: {type: str, choices: [present, absent, retired], default: present}
  password:
    description: Of the app's user. Empty, another node of the cluster defines what the app has.
    <<: {type: str, default: ''}
  delivery_limit:
    description: Deliveries of a task before it goes to C(APP.dead).
    <<: {type: int, default: 20}
  nodes:
    description:
      - All nodes of the cluster as RabbitMQ calls them. A node that is not yet among them joins the first, unless it
        holds anything.
    <<: {type: list, elements: str, default: []}
"""

EXAMPLES = r"""
- name: Give the app its place
  slipway.flask.broker:
    name: blog
    nodes: [rabbit@mq1, rabbit@mq2, rabbit@mq3]
    password: "{{ password.value }}"
  throttle: 1
"""

RETURN = r"""
plan: {description: 'What was done, or in check mode would be done.', returned: always, type: list, elements: str}
left: {description: 'With O(state=retired), whether nobody needs the node any more.', returned: success, type: bool}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.broker import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import broker


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent", "retired"], "default": "present"},
            "password": {"type": "str", "default": "", "no_log": True},
            "delivery_limit": {"type": "int", "default": 20},
            "nodes": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    given, check = module.params, module.check_mode
    password = given["password"]
    wanted = Wanted(given["name"], password, given["delivery_limit"]) if password else None
    left = False
    try:
        match given["state"]:
            case "absent":
                plan = broker.remove(given["name"], check)
            case "retired":
                plan, left = broker.retire(given["name"], check)
            case _:
                plan = broker.place(wanted, given["nodes"], check)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    diff = {"before": "", "after": "".join(f"{row}\n" for row in plan)}
    module.exit_json(changed=bool(plan), plan=plan, left=left, diff=diff)


if __name__ == "__main__":
    main()
