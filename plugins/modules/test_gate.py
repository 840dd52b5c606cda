#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: test_gate
short_description: Turn a commit into a tested, locked, signed build
version_added: 0.1.0
description:
  - Exports a commit from git, locks its requirements for each Python of the hosts, and runs its tests in a clean place.
  - Signs a record (in-toto statement, SSH signature) with the digests of artifact and lock. Hosts install nothing else.
  - What was tested before, with the same tree, lock, interpreter and O(test), is not tested again.
  - Runs on the controller, and needs C(git) and C(ssh-keygen) there. Without C(uv) it fetches one, by its hash.
author: [slipway.flask contributors (@slipway)]
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  check_mode:
    details: Fills the cache (mirror, locks, artifact), so that a run ships just what it named. Tests and signs nothing.
  diff_mode:
    details: Shows RV(plan).
  platform:
    platforms: posix
options:
  name: {description: Name of the application., type: str, required: true}
  source: {description: Git URL or absolute folder; a work tree is never touched., type: str, required: true}
  version: {description: Branch or tag or commit., type: str, default: HEAD}
  subdir: {description: Folder of the project in the repository., type: str, default: ''}
  wsgi: {description: "C(module:callable) or C(module:factory(literals)), or empty.", type: str, default: 'wsgi:app'}
  handlers: {description: "C(module:attribute) of handlers for Tornado, or empty.", type: str, default: ''}
  celery: {description: "C(module:attribute) of Celery's application, or empty.", type: str, default: ''}
  folders: {description: Folders in which the commit has to have a file., type: list, elements: str, default: []}
  requirements:
    description: A path, an empty list for none, or V(auto) for the first of
      C(uv.lock), C(pylock.toml), C(requirements.txt), C(pyproject.toml).
    type: raw
    default: auto
  extras: {description: Extras of the project to install., type: list, elements: str, default: []}
  install_project: {description: 'V(true), V(false), or V(auto), when O(wsgi) needs it.', type: str, default: auto}
  packages: {description: Python packages to add., type: list, elements: str, default: []}
  pythons: {description: "The hosts' minor versions; none, the controller's.", type: list, elements: str, default: []}
  test:
    description: How the tests are run. They never see the environment or the secrets of production.
    type: dict
    suboptions:
      enabled: {description: V(false) makes an untested build; hosts refuse it by default., type: bool, default: true}
      runner:
        description: V(auto) is a command where one is given, pytest where the project uses it, else unittest.
        type: str
        choices: [auto, unittest, pytest, command]
        default: auto
      command:
        description: Command instead of a runner. Without JUnit XML in E(SLIPWAY_JUNIT_XML), O(test.minimum) must be 0.
        type: list
        elements: str
        default: []
      path: {description: Where the tests are., type: str, default: ''}
      processes:
        description: In how many processes unittest runs, each with a tree and folders of its own and a share of the
          classes; V(auto) is the number of cores. With pytest, write what pytest-xdist takes into O(test.arguments).
        type: raw
        default: 1
      arguments: {description: Further arguments of the runner., type: list, elements: str, default: []}
      requirements: {description: Only for tests; C(-r FILE) works too., type: list, elements: str, default: []}
      minimum: {description: So many tests have to run., type: int, default: 1}
      timeout: {description: Seconds the tests may take., type: int, default: 900}
      environment: {description: Environment of tests and import check., type: dict, default: {}}
  key_file: {description: The signing key; made on first use., type: path, default: ~/.config/slipway/gate_ed25519}
  signer: {description: The name hosts know the key by. Default is user@controller., type: str}
  cache_dir:
    description: Default is E(SLIPWAY_GATE_CACHE), else C(~/.cache/slipway), for root C(/var/cache/slipway).
    type: path
  download_environment: {description: 'Environment of git and uv (proxy, certificates).', type: dict, default: {}}
  beside:
    description: Return at once with RV(begun), and work beside the playbook; only on the controller, not in check mode.
      Without O(pythons) it is for those of the last call, and where there was none nothing begins.
    type: bool
    default: false
  ahead:
    description: What an earlier call with O(beside) returned; that goes on if its Pythons are O(pythons), else it ends.
    type: dict
    default: {}
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
install_project: {description: Whether hosts install the project itself., type: bool, returned: success}
tree: {description: Git's hash of the shipped tree., type: str, returned: success}
subject: {description: First line of the commit's message., type: str, returned: success}
version: {description: What was asked for., type: str, returned: success}
repository: {description: The git directory on the controller that was read., type: str, returned: success}
dirty: {description: Uncommitted paths that are not included., type: list, elements: str, returned: success}
artifact: {description: "C(path), C(sha256) and C(size) of the archive.", type: dict, returned: success}
builds:
  description:
    - For each Python C(lock), C(attestation) and C(signature) (each C(path) and C(sha256)), C(tests) (counts, seconds),
      C(junit), C(log), C(isolation), C(runner), C(processes), C(interpreter), C(tested_on) (that version), C(untested),
      C(cached).
  type: dict
  returned: success
signer: {description: The C(name) and C(public_key) that signed., type: dict, returned: success}
plan: {description: What was done or would be done., type: list, elements: str, returned: success}
seconds: {description: Time it took., type: float, returned: success}
begun: {description: What C(gate_result) waits for., type: str, returned: O(beside)}
pythons: {description: What that is for; nothing else is returned., type: list, elements: str, returned: O(beside)}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core import gateoptions
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import gate


def main() -> None:
    # A URL may carry credentials: nothing of the arguments goes to the system's log, nothing of those into results.
    module = AnsibleModule(argument_spec=gateoptions.OPTIONS, supports_check_mode=True, no_log=True)
    module.no_log_values |= gateoptions.credentials(module.params)
    try:
        result, warnings = gate.run(gate.order(module.params), check=module.check_mode)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    for warning in warnings:
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
