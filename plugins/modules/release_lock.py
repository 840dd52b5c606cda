#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_lock
short_description: Show or break the lock of an app on a host
version_added: 0.1.0
description:
  - Shows who holds the lock, since when, and whether a step of that run is at work on the host at this moment.
  - Breaks it when asked to, but never while a step is at work.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  diff_mode:
    support: none
options:
  name:
    description: Name of the app, C(app_name).
    type: str
    required: true
  state:
    description: V(shown) only looks. V(absent) removes the lock that O(token) names.
    type: str
    choices: [shown, absent]
    default: shown
  token:
    description: The lock that was shown. Another one that was taken since stays.
    type: str
"""

EXAMPLES = r"""
- name: Who deploys right now
  slipway.flask.release_lock:
    name: blog
"""

RETURN = r"""
lock:
  description: Who holds it, as written down by that run, or null.
  type: dict
  returned: success
  sample: {by: anna@laptop, pid: 4711, act: deploy, token: laptop-1f2e/4711/12345}
evidence:
  description: What is known about it, in sentences.
  type: list
  elements: str
  returned: success
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import evidence, row
from ansible_collections.slipway.flask.plugins.module_utils._host import app, locking, state


def main() -> None:
    spec = {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["shown", "absent"], "default": "shown"},
        "token": {"type": "str", "no_log": False},
    }
    module = AnsibleModule(spec, required_if=[("state", "absent", ["token"])], supports_check_mode=True)
    try:
        target = app.required(module.params["name"])
        lock, busy = state.lock(target.layout), state.busy(target.layout)
        wanted = module.params["state"] == "absent" and lock is not None and lock.token == module.params["token"]
        if wanted and busy:
            raise SlipwayError("A step of that run is at work on this host right now; the lock stays. Try again later.")
        if wanted and not module.check_mode:
            locking.end(target, "killed", "the run was taken for dead, and its lock was broken")
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    said = evidence(lock, time.time(), busy)
    module.exit_json(changed=wanted, lock=row(lock) if lock else None, evidence=said)


if __name__ == "__main__":
    main()
