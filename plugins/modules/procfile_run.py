#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: procfile_run
short_description: Run the Procfile of a tree on the controller, until somebody interrupts it
version_added: 0.1.0
description:
  - Installs the lock of the tree into an environment of its own, runs the process type C(release) as Heroku does before
    a release, and then the others with C(honcho). What they say is shown as they say it.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
options:
  tree: {description: Folder of the tree., type: path, required: true}
  name: {description: Name of the app., type: str, required: true}
  processes: {description: Process types to run., type: list, elements: str, required: true}
  port: {description: Port of the process type C(web)., type: int, required: true}
  environment: {description: Their environment; secret., type: dict, default: {}}
"""

EXAMPLES = r"""
- name: Run it here
  slipway.flask.procfile_run:
    tree: "{{ tree.folder }}"
    name: blog
    processes: [web, celery]
    port: 5000
"""

RETURN = r"""
"""
