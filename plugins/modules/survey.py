#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: survey
short_description: Look at a host and at the apps that live on it
version_added: 0.1.0
description:
  - Gathers what the roles of this collection need to know of a host, in one quick step. It only reads files, and asks
    systemd once for units that it has set up.
  - What is missing on the host is missing in the facts; it never fails for that.
  - Environments of apps are not read, so the facts hold no secrets.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes.looks]
options:
  awaited:
    description:
      - Whether to wait first until the packages are there that P(slipway.flask.base#role) brings to a bare host, for an
        hour at most. What went wrong with them is an error.
    type: bool
    default: false
  by_shell:
    description:
      - A shell script for a host on which no module can run, which prints what it is and has, as
        C(roles/base/files/bare-facts.sh) does.
      - The facts are C(bare), C(distribution), C(release), the C(python) that this release of Debian has, its size,
        C(packages), and C(ports) on which somebody listens.
      - Where it fails, what it prints is the error; status 75 says that it has waited for what was in the way, and the
        host is looked at again. By default such a host is an error.
    type: str
  input:
    description: What the script reads. It may be secret, and stands in no list of arguments.
    type: str
  key:
    description:
      - A secret of the run, set by the action plugin. C(seen) tells with digests made with it what stands where
        M(slipway.flask.file_set) has placed something before, so that a task that wishes the same needs no step.
    type: str
  without_python:
    description:
      - A shell script for a host on which no module can run, which then is looked at again. The task is changed.
      - Where it fails, what it prints is the error. In check mode it does not run.
      - By default such a host is an error.
    type: str
"""

EXAMPLES = r"""
- name: Look at the host
  slipway.flask.survey:

- name: Say what runs
  ansible.builtin.debug:
    var: ansible_facts['slipway'].apps
"""

RETURN = r"""
ansible_facts:
  description: The facts, under one name.
  returned: always
  type: dict
  contains:
    slipway:
      description: >-
        The system (C(distribution), C(release), C(codename), C(architecture), C(kernel), C(reboot_required)), its
        Pythons (C(python), C(pythons)), C(step_cache), which is what it has of P(slipway.flask.step_cache#role)
        (V(current), V(outdated), V(absent), or V(foreign) where the run has a Python of its own),
        C(packages), C(installing), which is true while those of a bare host still come, its size (C(cores),
        C(memory_mb), C(memory_available_mb), C(disk_free_mb)), C(ipv6),
        C(listeners) by TCP port, the server blocks of C(front.nginx.sites), and C(apps) by name, each with
        C(config), C(current), C(lock), C(ledger), C(initialised), C(environments), C(signers) and C(programs).
        C(seen) is for M(slipway.flask.file_set).
      returned: always
      type: dict
      sample:
        distribution: debian
        release: "12"
        python: "3.11"
        listeners:
          "80": {pid: 512, command: nginx, unit: nginx.service, addresses: [0.0.0.0]}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import installing
from ansible_collections.slipway.flask.plugins.module_utils._host.survey import survey


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "awaited": {"type": "bool", "default": False},
            "by_shell": {"type": "str"},
            "input": {"type": "str", "no_log": True},
            "key": {"type": "str", "no_log": True},
            "without_python": {"type": "str"},
        },
        mutually_exclusive=[("by_shell", "without_python")],
        supports_check_mode=True,
    )
    if module.params["awaited"]:
        try:
            installing.wait()
        except SlipwayError as error:
            module.fail_json(msg=str(error))
    module.exit_json(changed=False, ansible_facts={"slipway": survey(key=module.params["key"] or "")})


if __name__ == "__main__":
    main()
