#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: check_inventory
short_description: Say everything that is wrong with an inventory, at once
version_added: 0.1.0
description:
  - Judges the groups of the inventory and the variables C(app_*), C(deploy_*), C(gate_*) and C(notify_*) of its web
    hosts before any host is asked, and fails with all problems in one message, each with what to type.
  - A name that is nearly a known one is a problem; other unknown C(app_*) names are one warning.
  - Makes the signing key of this controller when there is none and nothing is wrong.
  - Judges the whole inventory, also hosts outside of C(--limit).
options:
  packs:
    description:
      - Modules that hosts need soon. Where nothing is wrong they are packed for the way to the hosts meanwhile, in a
        process of its own.
    type: list
    elements: str
    default: []
    version_added: 0.1.0
notes:
  - Run it with C(run_once) in a play on V(all) hosts.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
attributes:
  check_mode:
    details: In check mode the signing key is not made.
"""

EXAMPLES = r"""
- name: Check inventory and variables
  hosts: all
  gather_facts: false
  tasks:
    - name: Check inventory and variables
      slipway.flask.check_inventory: {packs: [slipway.flask.survey]}
      run_once: true
      register: slipway_inventory
"""

RETURN = r"""
app:
  description:
    - The description of the app with nothing left out, each key the variable C(app_KEY).
    - A folder as C(source) is absolute.
    - Of C(secrets) it holds the names only, of C(files) no content, only C(secret) and C(mode).
  returned: success
  type: dict
  sample: {name: blog, source: /home/anna/blog, version: HEAD, user: app-blog, root: /srv/blog, secrets: [SECRET_KEY]}
deploy:
  description: How the fleet is deployed to, C(wave), C(canary_seconds) and C(lock_wait).
  returned: success
  type: dict
  sample: {wave: 25%, canary_seconds: 0, lock_wait: 0}
gate:
  description:
    - Who signs here (C(signer), C(public_key), C(key_file) with its absolute path) and whom the hosts trust
      (C(signers), C(untested_allowed)).
    - In check mode, before the first run, there is no key and C(public_key) is empty.
  returned: success
  type: dict
  sample:
    key_file: /home/anna/.config/slipway/gate_key
    signer: anna@laptop
    public_key: ssh-ed25519 AAAA...
    signers: {anna@laptop: ssh-ed25519 AAAA...}
    untested_allowed: false
hosts: {description: The web hosts., returned: success, type: list, elements: str, sample: [web1.example.org]}
stacks:
  description: The hosts of each stack.
  returned: success
  type: dict
  sample: {nginx_uwsgi: [web1.example.org]}
server_packages:
  description: Python packages that the stacks need.
  returned: success
  type: list
  elements: str
  sample: [pyuwsgi]
folders:
  description: Folders of C(app_static) that neither a build nor C(app_files) nor C(app_shared) makes.
  returned: success
  type: list
  elements: str
  sample: [shop/static]
app_hosts:
  description: Hosts that run the app, those that serve it first.
  returned: success
  type: list
  elements: str
  sample: [web1.example.org, worker1.example.org]
packages:
  description: Host -> the packages of Debian that it stands on besides its own, of each host that runs the app.
  returned: success
  type: dict
  sample: {web1.example.org: [supervisor, nginx-light]}
programs:
  description: Host -> what it runs besides the server, as C(app_programs).
  returned: success
  type: dict
  sample: {worker1.example.org: {celery: {command: exec celery -A shop worker, slots: 2}}}
tasks: {description: Whether the app has tasks beyond its requests., returned: success, type: bool}
celery:
  description: C(address), what workers import, empty where there are none; C(task_seconds), the longest of a task.
  returned: success
  type: dict
  sample: {address: "shop.tasks:celery", task_seconds: 300}
handlers:
  description: C(module:attribute) of the application's own handlers, where a host runs Tornado.
  returned: success
  type: str
  sample: shop.live:handlers
plan: {description: "What was, or would be, made on the controller.", returned: success, type: list, elements: str}
"""
