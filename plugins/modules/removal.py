#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: removal
short_description: Take an app off a host
version_added: 0.1.0
description:
  - Stops the app's programs and removes its releases, settings, history, logs and certificate, and the account that
    builds it. A front server has to have let go of it before, see P(slipway.flask.site#role).
  - What the app has stored, in its shared paths and its home, stays with the account that owns it, unless O(data).
  - One that was killed is finished by the next.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
options:
  name:
    description: Name of the app, C(app_name).
    type: str
    required: true
  root:
    description: Its folder, C(app_root).
    type: path
    required: true
  user:
    description: The account that runs it, C(app_user).
    type: str
    required: true
  data:
    description: Whether what it has stored is deleted, too.
    type: bool
    default: false
  run:
    description: Which run of a playbook this is. Set by the action plugin.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Take it off, and keep what visitors have uploaded
  slipway.flask.removal:
    name: blog
    root: /srv/blog
    user: app-blog
"""

RETURN = r"""
plan:
  {description: 'What was done, or in check mode would be done.', returned: success, type: list, elements: str}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import locking, removal


def main() -> None:
    word = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "name": word,
            "root": {"type": "path", "required": True},
            "user": word,
            "data": {"type": "bool", "default": False},
            "run": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    given = module.params
    try:
        layout, run = Layout.of(given["name"], given["root"]), Run(**given["run"])
        plan = removal.remove(layout, given["user"], run, given["data"], module.check_mode)
    except SlipwayError as error:
        module.fail_json(msg=str(error), **locking.blame(error))
    after = "".join(f"{line}\n" for line in plan)
    module.exit_json(changed=bool(plan), plan=plan, diff={"before": "", "after": after})


if __name__ == "__main__":
    main()
