#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: log_lines
short_description: The last lines of all logs of an app on a host
version_added: 0.1.0
description:
  - Reads the logs of the app's programs, of its supervisord and of the front server, and puts their lines in the order
    of their times. A line without a time of its own belongs to the line before it.
  - Of each log the file in use and the one that was rotated away last are read, at most their last 4 MiB.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.looks]
options:
  name:
    description: Name of the app, C(app_name).
    type: str
    required: true
  lines:
    description: How many lines to give, of all logs together, the last ones.
    type: int
    default: 100
  since:
    description: Only lines of this last while, such as V(90s), V(10m), V(2h) or V(1d). By default of all times.
    type: str
    default: ""
  grep:
    description: Only lines with a match of this regular expression of Python.
    type: str
    default: ""
  follow:
    description:
      - Show lines as they come instead of returning them, V(true) until the run is interrupted, or for a while such
        as V(10m). The lines of several hosts come in the order in which they arrive.
      - A host that is followed takes one of Ansible's forks, so there must be as many as hosts.
    type: str
    default: "false"
  after:
    description: Where an earlier call ended, its RV(places). Only lines that came since are given.
    type: dict
    default: {}
  wait_seconds:
    description: How long to wait for a line, when there is none.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: What the app said in the last ten minutes about errors
  slipway.flask.log_lines:
    name: blog
    since: 10m
    grep: ERROR|Traceback
"""

RETURN = r"""
lines:
  description: Each line as its time in seconds since 1970, its source (the name of the log file) and its text.
  type: list
  elements: list
  returned: success
  sample: [[1795407240.5, web-1, "[2026-11-23 04:14:00,500] ERROR in app: Exception on / [GET]"]]
sources:
  description: The names of all logs.
  type: list
  elements: str
  returned: success
  sample: [web-1, web-2, supervisord, access, error]
places:
  description: How far each log has been read, for O(after).
  type: dict
  returned: success
cut:
  description: Whether older lines were left out that O(since) and O(grep) ask for.
  type: bool
  returned: success
"""

import re
import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core import typed
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import app, logs


def main() -> None:
    text = {"type": "str", "default": ""}
    spec = {
        "name": {"type": "str", "required": True},
        "lines": {"type": "int", "default": 100},
        "since": text,
        "grep": text,
        "follow": {"type": "str", "default": "false"},
        "after": {"type": "dict", "default": {}},
        "wait_seconds": {"type": "int", "default": 0},
    }
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    asked = module.params
    try:
        here = app.required(asked["name"])
        since = time.time() - typed.seconds("logs_since", asked["since"]) if asked["since"] else 0.0
        if asked["after"]:
            after = {source: (int(inode), int(offset)) for source, (inode, offset) in asked["after"].items()}
            found = logs.wait(here, asked["lines"], asked["grep"], after, asked["wait_seconds"])
        else:
            found = logs.look(here, asked["lines"], since, asked["grep"])
    except re.error as error:
        module.fail_json(msg=f"logs_grep is {asked['grep']}, which is no regular expression: {error}.")
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    lines = [[line.at, line.source, line.text] for line in found.lines]
    module.exit_json(lines=lines, sources=list(logs.sources(here)), places=found.places, cut=found.cut)


if __name__ == "__main__":
    main()
