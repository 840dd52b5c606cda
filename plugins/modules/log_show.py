#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: log_show
short_description: Show what M(slipway.flask.log_lines) found on all hosts as one log
version_added: 0.1.0
description:
  - Puts the lines of all hosts of the play in the order of their times and prints them as plain lines, each after its
    host and its source.
notes:
  - Run it with C(run_once), after M(slipway.flask.log_lines) in the same play.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
options:
  results:
    description: The name of the variable that M(slipway.flask.log_lines) was registered as.
    type: str
    required: true
  lines:
    description: How many lines to show, the last ones of all hosts together.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Read the logs
  slipway.flask.log_lines:
    name: blog
  register: slipway_logs

- name: Show them
  slipway.flask.log_show:
    results: slipway_logs
    lines: 100
  run_once: true
"""

RETURN = r"""
shown:
  description: How many lines were printed.
  returned: success
  type: int
  sample: 100
"""
