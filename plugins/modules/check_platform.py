#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: check_platform
short_description: Say everything that speaks against running an app on a platform, at once
version_added: 0.1.0
description:
  - Reads the variables of the host it runs for, which stands for the platform, and judges them as
    M(slipway.flask.check_inventory) does for hosts of one's own.
  - Compares what hosts of one's own, Heroku and Elastic Beanstalk would get from this one description. Where the target
    lacks something, or something would run unsafely there, it fails with what to do, and with the whole table.
  - What the user accepts as it is stands in C(platform_accepts).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
options:
  target:
    description: The platform.
    type: str
    required: true
    choices: [heroku, elastic_beanstalk]
"""

EXAMPLES = r"""
- name: Would this app run at Heroku?
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Check the description
      slipway.flask.check_platform:
        target: heroku
      register: platform_found
"""

RETURN = r"""
app: {description: "The description, without secrets.", returned: success, type: dict}
python: {description: The minor version that the app is tested with., returned: success, type: str, sample: "3.13"}
packages: {description: Python packages to add to the application's own., returned: success, type: list, elements: str}
folders: {description: Folders that the commit has to have., returned: success, type: list, elements: str}
celery: {description: "C(module:attribute) of Celery's application, or empty.", returned: success, type: str}
processes: {description: The commands of the Procfile., returned: success, type: dict}
table: {description: What each target gets., returned: success, type: str}
gate: {description: Who signs here and whose word counts., returned: success, type: dict}
name: {description: Name of the app at Heroku., returned: for Heroku, type: str}
formation: {description: Process type -> C(quantity) and C(size)., returned: for Heroku, type: dict}
config: {description: Config vars besides those of the inventory., returned: for Heroku, type: dict}
application: {description: Name of the application at AWS., returned: for Elastic Beanstalk, type: str}
environment: {description: Name of its environment., returned: for Elastic Beanstalk, type: str}
region: {description: Where that is., returned: for Elastic Beanstalk, type: str}
platform: {description: The platform branch., returned: for Elastic Beanstalk, type: str}
options: {description: Namespace -> option -> value., returned: for Elastic Beanstalk, type: dict}
celery_settings:
  description: C(CELERY_SETTINGS), still without the queue.
  returned: for Elastic Beanstalk
  type: str
visibility_seconds: {description: How long a task stays with a worker., returned: for Elastic Beanstalk, type: int}
"""
