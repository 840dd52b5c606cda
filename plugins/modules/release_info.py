#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_info
short_description: What of an app really runs on a host
version_added: 0.1.0
description:
  - Asks every slot on its private socket and the site on its port, and reads from the processes which release they run.
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
  slipway.flask.release_info:
    name: blog
"""

RETURN = r"""
report:
  description:
    - C(live) is the release with commit, subject, when, by whom and its tests, or null.
    - C(slots) has state, pid, C(uptime_seconds), C(memory_mb), release and health of each slot.
    - C(front) is the front server, C(nginx), or empty where visitors reach the app's own server.
    - C(site) is the answer on the port; C(closed) is whether visitors get the page of maintenance instead of it.
    - C(certificate) has C(names), C(ends) (UTC) and C(days_left) of the one visitors are shown; null without TLS.
    - C(database) has C(host), C(size_mb) (null when it does not answer, and C(said) is why), C(beat), the host that
      sends tasks by the clock, and C(dumped_before), the release before which it was dumped last; null when no host of
      the inventory holds it.
    - C(backup) has C(last), C(good) and C(drill) as the role P(slipway.flask.backup#role) wrote them down, and C(days)
      since the last good one; null without backups.
    - C(units) is what systemd says of the app's unit and of that of the front server.
    - C(lock) is who deploys right now, with C(quiet_seconds) since that run was last heard of, or null.
    - C(disk_free_mb) is the room where the app and its logs are.
    - C(history) are the last ten runs that shipped or went back, the oldest first. Each has C(act), C(outcome)
      (C(succeeded), C(failed) or C(killed)), C(by), C(at) (UTC), C(seconds) without the gate, C(commit), C(subject),
      C(release), C(tests) (that passed; null when untested), C(reason) and C(run), which is the same on all hosts.
  type: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import app, report


def main() -> None:
    module = AnsibleModule(argument_spec={"name": {"type": "str", "required": True}}, supports_check_mode=True)
    try:
        found = report.report(app.required(module.params["name"]))
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, report=found)


if __name__ == "__main__":
    main()
