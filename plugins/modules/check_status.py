#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: check_status
short_description: Say what is wrong with an app on its hosts
version_added: 0.1.0
description:
  - Judges what M(slipway.flask.release_info) found on all hosts of the play, and the hosts that could not be asked.
  - Wrong is a slot that is down, unwell or runs something else than the live release, a site that does not answer, a
    unit that is not active, hosts that serve different commits, the lock of a dead run, a deploy that never ended, less
    than 512 MB of disk, a host that cannot be reached and a host to which nothing has been shipped,
    a backup or a drill that failed or is late,
    a broker of the cluster that does not run or that the inventory does not know, tasks that nobody works off or that
    were put aside, and a schedule that no host follows.
  - Never fails because of what it finds; that is up to the play.
notes:
  - Run it with C(run_once), after a task that was registered with C(ignore_unreachable) and C(failed_when=false).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
options:
  name: {description: "Name of the app, C(app_name).", type: str, required: true}
  results:
    description: Name of the variable in which each host has its result of M(slipway.flask.release_info).
    type: str
    required: true
  brokers:
    description: Name of the variable in which each broker has its result of M(slipway.flask.broker_info).
    type: str
    default: ""
  backups:
    description:
      - Name of the variable in which each host that only has the database has its result of M(slipway.flask.backup).
    type: str
    default: ""
  file:
    description:
      - File on the controller in which RV(status) is written as JSON, in place of what is there. Empty for none.
      - Relative to the folder in which C(ansible-playbook) was typed.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Judge what was found
  slipway.flask.check_status:
    name: blog
    results: slipway_status
    file: status.json
  run_once: true
  register: slipway_checked
"""

RETURN = r"""
status:
  description:
    - C(app), C(at) (UTC), C(well), C(problems) (sentences that begin with their hosts) and C(hosts).
    - Of each host C(problems) and, when it answered, everything of RV(slipway.flask.release_info#module:report).
  returned: success
  type: dict
wrong: {description: For each host with a problem what is wrong as one text., returned: success, type: dict}
"""
