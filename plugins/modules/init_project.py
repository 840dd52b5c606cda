#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Only the documentation: the work is done on the controller, by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: init_project
short_description: Write the few files that shipping an app needs
version_added: 0.1.0
description:
  - Writes C(site.yml), C(ansible.cfg), C(requirements.yml), C(prod/hosts.yml) and C(prod/group_vars/all.yml).
  - Reads the commit of O(source) without running anything of it, and proposes what it can know or guess - the WSGI
    application, the project's folder, requirements, tests, static files, health path, migrations, secrets.
  - Says what it found and where, and marks what it guessed.
  - Never overwrites. Where one of the files exists it fails, and writes none.
  - Writes no secret. Names that the code reads from the environment get the line that encrypts a value.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.controller]
attributes:
  check_mode:
    details: Reads the source, and writes nothing.
  diff_mode:
    support: full
    details: Shows the files.
  idempotent:
    support: none
    details: It begins a project once. A second time the files are there, and it fails.
options:
  app: {description: Name of the app. Without one it is made of O(source)., type: str, default: ''}
  source:
    description: Git URL, or a folder with a repository. A relative one is looked for where the command is typed.
      Without a source a commented template is written.
    type: str
    default: ''
  version: {description: Branch or tag or commit to read and to ship. Unset it is C(HEAD)., type: str, default: ''}
  subdir: {description: "The project's folder in the repository. Unset it is looked for.", type: str, default: ''}
  host:
    description: The web hosts, separated by commas, each C(NAME), C(USER@NAME) or C(USER@NAME:PORT).
    type: str
    default: ''
  domain: {description: "Host names of the site, separated by commas.", type: str, default: ''}
  folder: {description: Where to write. Unset it is where the command is typed., type: path, default: ''}
"""

EXAMPLES = r"""
# the same as: ansible-playbook slipway.flask.init -e source=... -e host=...
- name: Begin a project
  slipway.flask.init_project:
    source: https://git.example.org/my-blog.git
    host: web1.example.org, admin@web2.example.org:2222
  delegate_to: localhost
"""

RETURN = r"""
folder: {description: Where it was written., type: str, returned: success}
files: {description: What was written., type: list, elements: str, returned: success}
found: {description: "What was found and guessed, and where.", type: list, elements: str, returned: success}
next: {description: What to type next., type: list, elements: str, returned: success}
"""
