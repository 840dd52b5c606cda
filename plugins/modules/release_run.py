#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done by the action plugin of the same name and by C(run.py) on the host.

from __future__ import annotations

DOCUMENTATION = r"""
module: release_run
short_description: Run one command in the live release of an app
version_added: 0.1.0
description:
  - Runs a command of the shell as the app's user, in the source folder of the live release, with its environment,
    secrets included, and the programs of its virtual environment on C(PATH).
  - What it writes is shown while it runs. When it ends with another status than 0, the task fails and says the status.
  - When the run is interrupted, the command is ended, as by Ctrl-C, after 5 seconds harder. What it left running in
    its process group ends with it.
  - Every command is written down on the host, in C(/var/lib/slipway/APP/runs.jsonl), with who ran it, when, in which
    release, its status and its seconds. Values of the app's environment are written as the names of their variables.
notes:
  - It needs an ssh connection with a key, and to become root C(sudo), with or without a password.
  - The command has no input. For one that asks and answers use O(terminal).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  check_mode:
    support: partial
    details: It says what would be run, and asks no host.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each time it runs.
options:
  name:
    description: Name of the app, C(app_name).
    type: str
    required: true
  command:
    description:
      - The command. On the command line of C(ansible-playbook) it is C(-e command="..."), taken whole as it was typed,
        so other variables need an C(-e) of their own.
    type: str
    required: true
  terminal:
    description:
      - Give the command the terminal at which C(ansible-playbook) runs.
      - Where there is none, or the controller is not Linux, the error says what to type instead.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Count the posts
  slipway.flask.release_run:
    name: blog
    command: python manage.py count
  run_once: true
"""

RETURN = r"""
status:
  description: The exit status of the command; 128 and the number of the signal when one ended it.
  type: int
  returned: when the command ran
  sample: 0
record:
  description: What was written down on the host.
  type: dict
  returned: when the command ran without a terminal
  sample:
    at: "2026-11-23T04:14:00+00:00"
    by: anna@laptop
    command: python manage.py count
    release: 1a2b3c4d5e6f-0123456789ab
    status: 0
    seconds: 1.4
"""
