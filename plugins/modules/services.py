#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: services
short_description: Tell an app where its services are
version_added: 0.1.0
description:
  - Takes what hosts offer, the facts C(postgresql_offer) and C(rabbitmq_offer), and writes it into
    C(/etc/slipway/APP/services) of this host, which root alone can read. The next release there has it in its
    environment, as C(DATABASE_URL), C(CELERY_BROKER_URL) and C(CELERY_SETTINGS).
  - What is in C(app_environment) or C(app_secrets) under the same name goes before it.
  - A host keeps what it was told before when nobody offers anything, as with C(--limit).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
options:
  name:
    description: Name of the app.
    type: str
    required: true
  databases:
    description: Hosts of the inventory that offer a database.
    type: list
    elements: str
    default: []
  brokers:
    description: Hosts of the inventory that offer a broker. The app is told of all of them, or keeps what it knows.
    type: list
    elements: str
    default: []
  tasks:
    description: Whether the app has tasks, and is told how to use its broker, as C(celery_*) say.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Tell the app where its services are
  slipway.flask.services:
    name: blog
    databases: [db1.example.org]
"""

RETURN = r"""
plan: {description: 'What was done, or in check mode would be done.', returned: always, type: list, elements: str}
"""
