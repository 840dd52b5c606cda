#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: uv
short_description: Fetch the installer of Python packages
version_added: 0.1.0
description:
  - Brings U(https://docs.astral.sh/uv/) to C(/opt/slipway), by pip and with its hash, in the version that this
    collection was tested with.
  - M(slipway.flask.release) does so itself when it is not there, and waits for one that is under way.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Begin to fetch the installer of Python packages
  slipway.flask.uv:
  async: 600
  poll: 0
"""

RETURN = r"""
path: {description: Where the program is or will be., type: str, returned: success}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import uvfetch, venv


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    path = uvfetch.place(venv.TOOLS)
    there = path.exists()
    try:
        if not there and not module.check_mode:
            venv.installer()
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=not there, path=str(path))


if __name__ == "__main__":
    main()
