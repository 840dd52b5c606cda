#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_bundle
short_description: Pack the tree of a tested commit as a reproducible archive
version_added: 0.1.0
description:
  - Refuses a tree that is not the tested artifact plus what M(slipway.flask.platform_tree) added, or whose record
    nobody signed who may.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
options:
  tree: {description: Result of M(slipway.flask.platform_tree)., type: dict, required: true}
  app_name: {description: Name of the application., type: str, required: true}
  gate: {description: RV(slipway.flask.check_platform#module:gate)., type: dict, required: true}
"""

EXAMPLES = r"""
- name: Pack the tested tree
  slipway.flask.platform_bundle:
    tree: "{{ tree }}"
    app_name: blog
    gate: "{{ platform_found.gate }}"
  register: bundle
"""

RETURN = r"""
path: {description: The archive., returned: success, type: str}
label: {description: 'The commit and a digest of all that is packed.', returned: success, type: str}
size: {description: Its size in bytes., returned: success, type: int}
"""
