#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: secret
short_description: Keep a secret in a file of root's, and make it when there is none
version_added: 0.1.0
description:
  - A secret that only machines use is best made where it is used. It stays as it is until somebody says otherwise.
  - It is the result of the task, so the task wants C(no_log).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  diff_mode:
    support: none
    details: What differs is secret.
options:
  path:
    description: Where it is kept. Folders that are not there are made.
    type: path
    required: true
  value:
    description:
      - What it is. Empty, it is what the file holds, or without one 32 random bytes in a form that fits into a URL.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Keep a password
  slipway.flask.secret:
    path: /etc/slipway/blog/database.secret
  register: password
  no_log: true
"""

RETURN = r"""
value:
  description: The secret, unless O(value) said it. In check mode one that is not there yet is empty.
  type: str
  returned: success
"""

import secrets
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._host import state, tolerant

BYTES = 32


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "value": {"type": "str", "default": "", "no_log": True},
        },
        supports_check_mode=True,
    )
    path, asked = Path(module.params["path"]), module.params["value"]
    kept = tolerant.text(path).strip()
    wanted = asked or kept or ("" if module.check_mode else secrets.token_urlsafe(BYTES))
    changed = wanted != kept or not kept
    if changed and not module.check_mode:
        path.parent.mkdir(parents=True, exist_ok=True)
        state.write(path, f"{wanted}\n")
    module.exit_json(changed=changed, value=wanted)


if __name__ == "__main__":
    main()
