#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: check_hosts
short_description: Say everything that is wrong with the hosts, at once
version_added: 0.1.0
description:
  - Judges what M(slipway.flask.survey) found on the hosts of the play, before anything is changed on them, and fails
    with all problems in one message, each with the hosts it is true of and what to type.
  - It looks at the system, Python, disk, memory, the lock, other sites and port 80, another place or user of the
    same app, and whether the hosts take this controller's word.
  - A host without facts is a problem, because a fleet ships as one.
notes:
  - Run it with C(run_once), after M(slipway.flask.survey) in the same play.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
options:
  disk_mb:
    description:
      - Free space needed below C(/srv) and C(/var), in megabytes. V(0) does not look.
      - By default 1024 for the first ship to a host and 256 afterwards.
    type: int
  memory_mb:
    description:
      - Memory that has to be available, in megabytes. V(0) does not look.
      - By default 256 for the first ship to a host and 96 afterwards.
    type: int
  adopt_database:
    description: Whether an app that is live with another database may begin with an empty one, C(postgresql_adopt).
    type: bool
    default: false
  adopt:
    description: Whether the run takes a foreign site that is in the way out of service, so that it is no problem.
    type: bool
    default: false
  set_up:
    description: Whether a host that is not set up for the app is a problem.
    type: bool
    default: false
  removes:
    description: Whether the run takes the app off when C(app_state) is V(absent), so that only its lock is judged.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Look at the hosts
  hosts: web
  gather_facts: false
  tasks:
    - name: Look at the host
      slipway.flask.survey:

    - name: Check what was found
      slipway.flask.check_hosts:
        adopt: "{{ site_adopt | default(false) }}"
      run_once: true
      register: slipway_hosts
"""

RETURN = r"""
pythons:
  description: The minor versions of the hosts' Pythons.
  returned: success
  type: list
  elements: str
  sample: ["3.11", "3.13"]
signers:
  description:
    - Name -> public key of everybody whose word the hosts take that tests passed.
    - Empty in check mode while this controller has no key.
  returned: success
  type: dict
  sample: {anna@laptop: ssh-ed25519 AAAA...}
hosts:
  description: The hosts that were judged.
  returned: success
  type: list
  elements: str
  sample: [web1.example.org]
fresh: {description: Whether no host serves the app yet., returned: success, type: bool}
untouched:
  description: Hosts without Python where nobody is in the way of the app, so that all packages may come along with it.
  returned: success
  type: list
  elements: str
  sample: [web1.example.org]
bare: {description: Whether a host has no Python yet. Look and check again when it has., returned: success, type: bool}
"""
