#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: test_gate
short_description: Turn a commit into a tested, locked, signed build
version_added: 1.0.0
description:
  - Exports a commit from git, locks its requirements for each Python of the hosts, runs its tests in a clean tree and environment,
    and signs a record (in-toto statement, SSH signature) that names the digests of the artifact and the lock. Hosts install nothing else.
  - Tests that were run before on the same tree, lock, interpreter and O(test) are not run again.
  - Runs on the controller. Needs C(git), C(ssh-keygen) and C(uv) there.
author: [slipway.flask contributors (@slipway)]
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  check_mode:
    details: Fills the cache (mirror, locks, artifact), so that what it says is what a run would ship; runs no test and signs nothing.
  diff_mode:
    support: none
    details: A build is new or it is not; RV(plan) says what is done.
  platform:
    platforms: posix
options:
  name: {description: Name of the application., type: str, required: true}
  source: {description: Git URL or absolute folder. A work tree there is never touched., type: str, required: true}
  version: {description: Branch or tag or commit., type: str, default: HEAD}
  subdir: {description: Folder of the project inside the repository., type: str, default: ''}
  wsgi: {description: The application as C(module:callable) or C(module:factory(literal arguments))., type: str, default: 'wsgi:app'}
  requirements:
    description: V(auto) (first found of C(uv.lock), C(pylock.toml), C(requirements.txt), C(pyproject.toml)), a path, or an empty list for none.
    type: raw
    default: auto
  extras: {description: Extras of the project to install., type: list, elements: str, default: []}
  packages: {description: "Python packages to add to the project's own.", type: list, elements: str, default: []}
  pythons: {description: Minor versions of the hosts' Pythons. Empty means that of the controller., type: list, elements: str, default: []}
  test:
    description: How the tests are run. They never see the application's production environment.
    type: dict
    default: {}
    suboptions:
      enabled: {description: V(false) makes an untested build that hosts refuse unless their policy allows it., type: bool, default: true}
      runner:
        description: V(auto) is pytest where the project configures or needs it, a command where one is given, else unittest.
        type: str
        choices: [auto, unittest, pytest, command]
        default: auto
      command:
        description: Command instead of a runner. It may write JUnit XML to E(SLIPWAY_JUNIT_XML); without that O(test.minimum) must be 0.
        type: list
        elements: str
        default: []
      path: {description: Where the tests are., type: str, default: ''}
      arguments: {description: Further arguments of the runner., type: list, elements: str, default: []}
      requirements: {description: What only the tests need. C(-r FILE) works too., type: list, elements: str, default: []}
      minimum: {description: So many tests have to run., type: int, default: 1}
      timeout: {description: Seconds the tests may take., type: int, default: 900}
      environment: {description: Environment of the tests and of the import check., type: dict, default: {}}
  key_file: {description: The signing key. Made on first use., type: path, default: ~/.config/slipway/gate_ed25519}
  signer: {description: The name hosts know the key by. Default is user@controller., type: str}
  cache_dir:
    description: Folder for mirrors, locks, environments, artifacts and records. Default is C(~/.cache/slipway), for root C(/var/cache/slipway).
    type: path
  download_environment: {description: 'Environment of git and uv (proxy, index, certificates).', type: dict, default: {}}
"""

EXAMPLES = r"""
- name: Test the commit that is checked out next to the playbook
  slipway.flask.test_gate:
    name: blog
    source: "{{ playbook_dir }}"
    wsgi: blog:create_app('blog.config.ProdConfig')
    packages: [pyuwsgi]
    pythons: ["3.11", "3.13"]
    test: {runner: unittest, minimum: 40}
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
commit: {description: The commit., type: str, returned: success}
tree: {description: Git's hash of the shipped tree., type: str, returned: success}
subject: {description: First line of the commit's message., type: str, returned: success}
version: {description: What was asked for., type: str, returned: success}
dirty: {description: Uncommitted paths that are not included., type: list, elements: str, returned: success}
artifact: {description: "The archive's C(path), C(sha256) and C(size).", type: dict, returned: success}
builds:
  description:
    - For each Python the C(lock), C(attestation) and C(signature) (each C(path) and C(sha256)), C(tests) (counts and seconds), C(junit), C(log),
      C(isolation), C(runner), C(interpreter), C(tested_on) (was it the wanted minor version), C(untested), C(cached).
  type: dict
  returned: success
signer: {description: The C(name) and C(public_key) that signed., type: dict, returned: success}
plan: {description: What was done or would be done., type: list, elements: str, returned: success}
seconds: {description: Time it took., type: float, returned: success}
"""

import getpass
import platform
import sys
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core import wsgi
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import gate, gatecache


def strings() -> dict:
    return {"type": "list", "elements": "str", "default": []}


TEST_OPTIONS = {
    "enabled": {"type": "bool", "default": True},
    "runner": {"type": "str", "choices": ["auto", "unittest", "pytest", "command"], "default": "auto"},
    "command": strings(),
    "path": {"type": "str", "default": ""},
    "arguments": strings(),
    "requirements": strings(),
    "minimum": {"type": "int", "default": 1},
    "timeout": {"type": "int", "default": 900},
    "environment": {"type": "dict", "default": {}},
}
OPTIONS = {
    "name": {"type": "str", "required": True},
    "source": {"type": "str", "required": True},
    "version": {"type": "str", "default": "HEAD"},
    "subdir": {"type": "str", "default": ""},
    "wsgi": {"type": "str", "default": "wsgi:app"},
    "requirements": {"type": "raw", "default": "auto"},
    "extras": strings(),
    "packages": strings(),
    "pythons": strings(),
    "test": {"type": "dict", "default": {}, "options": TEST_OPTIONS, "apply_defaults": True},
    "key_file": {"type": "path", "default": "~/.config/slipway/gate_ed25519", "no_log": False},
    "signer": {"type": "str"},
    "cache_dir": {"type": "path"},
    "download_environment": {"type": "dict", "default": {}},
}


def order(given: dict) -> gate.Order:
    root = Path(given["cache_dir"]) if given["cache_dir"] else gatecache.default_root()
    return gate.Order(
        app_name=given["name"],
        source=given["source"],
        version=given["version"],
        subdir=given["subdir"],
        wsgi=wsgi.parse(given["wsgi"]),
        requirements=given["requirements"],
        extras=given["extras"],
        packages=given["packages"],
        pythons=given["pythons"] or [f"{sys.version_info[0]}.{sys.version_info[1]}"],
        test=given["test"],
        key=Path(given["key_file"]),
        signer=given["signer"] or f"{getpass.getuser()}@{platform.node()}",
        cache=gatecache.GateCache(root, given["name"]),
        environment={key: str(value) for key, value in given["download_environment"].items()},
    )


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        result, warnings = gate.run(order(module.params), check=module.check_mode)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    for warning in warnings:
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
