#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment
short_description: Make the Python environment of an app before its release comes
version_added: 0.1.0
description:
  - Installs the locked packages, hashes required, into the virtual environment that a release with this lock will use.
  - Without O(lock) it only brings their installer, U(https://docs.astral.sh/uv/), to C(/opt/slipway), by pip and with
    its hash.
  - M(slipway.flask.release) does both itself when they are not there, and waits for what is under way.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  async:
    support: full
  diff_mode:
    support: none
options:
  name:
    description: Name of the app, C(app_name). The host has been set up for it.
    type: str
    required: true
  gate:
    description:
      - What M(slipway.flask.test_gate) returned. The action plugin takes O(lock) and O(python) from it.
      - Of one that works beside the playbook the lock is waited for, and not the tests; with C(async) not even that.
      - Where the host has the environment, or there will be no lock, no step is taken.
    type: dict
    default: {}
  lock:
    description: The lock of the app, all of its text. Set by the action plugin.
    type: str
    default: ""
  python:
    description: The Python of the lock, such as V(3.11). Set by the action plugin.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Begin to make the Python environment
  slipway.flask.environment:
    name: blog
    gate: "{{ slipway_gate }}"
  async: 3600
  poll: 0
"""

RETURN = r"""
path: {description: 'The environment, or the installer without O(lock).', type: str, returned: when the host was asked}
"""

import hashlib
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.identity import venv_key
from ansible_collections.slipway.flask.plugins.module_utils._host import app, prepare, uvfetch, venv


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "gate": {"type": "dict", "default": {}},
            "lock": {"type": "str", "default": ""},
            "python": {"type": "str", "default": ""},
        },
        required_by={"lock": ["python"]},
        supports_check_mode=True,
    )
    lock, python = module.params["lock"], module.params["python"]
    try:
        here = app.required(module.params["name"])
        key = venv_key(hashlib.sha256(lock.encode()).hexdigest(), python)
        path = Path(here.layout.venvs) / key / venv.COMPLETE if lock else uvfetch.place(uvfetch.TOOLS)
        there = path.exists()
        if not there and not module.check_mode:
            _make(here, lock, python, key) if lock else venv.installer()
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=not there, path=str(path.parent if lock else path))


def _make(here: app.App, lock: str, python: str, key: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="slipway-", suffix=".txt") as file:
        file.write(lock)
        file.flush()
        Path(file.name).chmod(0o644)  # the account that installs reads it
        prepare.install(here, Path(file.name), python, key)


if __name__ == "__main__":
    main()
