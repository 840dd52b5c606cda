#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_tree
short_description: Make of a tested commit the tree that a platform is given
version_added: 0.1.0
description:
  - Makes a git repository of two commits on the controller. The first is the tested artifact, file by file; the second
    adds the lock, the signed record of the tests, and what the platform needs. Equal content is an equal commit.
  - Whoever has the repository can make the artifact of it again, whose digest is signed. So whoever ships it refuses a
    tree that differs from what was tested.
  - A commit that a platform would take for something else is refused - a C(runtime.txt), two files of package
    managers, a file that ours would cover. So are requirements that lack what a process needs.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
options:
  target:
    description: The platform.
    type: str
    required: true
    choices: [heroku, elastic_beanstalk]
  gate:
    description: Result of M(slipway.flask.test_gate).
    type: dict
    required: true
  folder:
    description: Where it is made. Empty, in the gate's cache.
    type: path
    default: ""
"""

EXAMPLES = r"""
- name: Make the tree
  slipway.flask.platform_tree:
    target: heroku
    gate: "{{ tested }}"
  register: tree
"""

RETURN = r"""
folder: {description: The repository., returned: when O(gate) is tested, type: str}
commit: {description: 'Its newest commit; in check mode empty, until it is tested.', returned: success, type: str}
added: {description: Path -> SHA-256 of what it adds., returned: when O(gate) is tested, type: dict}
release: {description: The first letters of the commit., returned: success, type: str}
title: {description: 'App, commit and subject.', returned: success, type: str}
plan: {description: What was made., returned: success, type: list, elements: str}
"""
