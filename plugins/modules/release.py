#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Take a release of an app through its acts on one host
version_added: 0.1.0
description:
  - One call is one act of a deploy on one host. Each may be killed at any instant; the next run does the rest.
  - The action plugin of the same name hands over the bundle of the gate and says who runs the play.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: slipway.flask.attributes
options:
  name:
    description: Name of the app, C(app_name).
    type: str
    required: true
  state:
    description:
      - V(prepared) verifies, unpacks and installs without any effect on what is served, and returns O(activation).
      - V(migrated) runs the commands that run once.
      - V(tried) starts the candidate on a private socket and asks it.
      - V(activated) switches and restarts slot by slot, and goes back by itself when a slot does not become well.
      - V(confirmed) gives the verdict and prunes. V(restored) undoes what has no verdict yet.
      - V(selected) chooses an earlier release to go back to instead of preparing one.
    type: str
    choices: [prepared, selected, migrated, tried, activated, confirmed, restored]
    required: true
  then:
    description:
      - Acts to do after O(state) in the same call, in order, where no other host has to agree between them.
      - With V(prepared) they are done when the host serves another commit; otherwise RV(pending) tells of them.
    <<: {type: list, elements: str, choices: [migrated, tried, activated, confirmed], default: []}
  activation:
    description: What V(prepared) or V(selected) returned. Without it V(restored) only unlocks.
    type: str
  request:
    description: What to prepare, made by the action plugin from the result of M(slipway.flask.test_gate) and C(app_*).
    <<: {type: dict, default: {}}
  secrets:
    description: Secret part of the environment, and secret files, by name.
    <<: {type: dict, default: {}}
  bundle:
    description: Path on the host of the tar file with artifact, lock, record and signature.
    type: path
  bundle_content:
    description: The same as Base64, when it is small enough to come with the call.
    type: str
  to:
    description: With V(selected), the release or commit to go back to. Default is the newest good one but the live one.
    type: str
  leader:
    description: Whether this host runs the commands that run once for all hosts.
    type: bool
    default: true
  migrating:
    description: Whether migrations may be C(destructive), and whether a database of ours is dumped before, C(dump).
    <<: {type: dict, default: {}}
  newer_schema:
    description: With V(selected), whether a release may be gone back to that does not know what the database is now.
    <<: {type: bool, default: false}
  reason:
    description: With V(restored), why; kept in the history of the host.
    type: str
    default: the run failed
  run:
    description: Which run of a playbook this is. Set by the action plugin.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Prepare
  slipway.flask.release:
    name: blog
    state: prepared
    gate: "{{ slipway_gate }}"
    wsgi: "wsgi:app"
  register: slipway_release
"""

RETURN = r"""
activation:
  description: Name of the activation; later acts take it.
  type: str
  returned: success
  sample: 1f3a0c9d2b7e-5a1c20de.77f0aa31
release: {description: Name of the release., type: str, returned: success, sample: 1f3a0c9d2b7e-5a1c20de}
plan:
  description: What the call did, or would do in check mode, a sentence each. V(prepared) names every later act too.
  type: list
  elements: str
  returned: success
pending:
  description: Acts that the host still needs after this call.
  type: list
  elements: str
  returned: success
missing: {description: Whether V(prepared) needs the bundle and was called without it., type: bool, returned: success}
contents: {description: 'In check mode, what the live release has.', type: dict, returned: O(state=prepared)}
live: {description: The activation that the host served before this call., type: str, returned: success}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import locking, session

STATES = ["prepared", "selected", "migrated", "tried", "activated", "confirmed", "restored"]


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "required": True, "choices": STATES},
            "then": {"type": "list", "elements": "str", "default": [], "choices": STATES[2:6]},
            "activation": {"type": "str"},
            "request": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "bundle": {"type": "path"},
            "bundle_content": {"type": "str", "no_log": True},
            "to": {"type": "str"},
            "leader": {"type": "bool", "default": True},
            "migrating": {"type": "dict", "default": {}},
            "newer_schema": {"type": "bool", "default": False},
            "reason": {"type": "str", "default": "the run failed"},
            "run": {"type": "dict", "required": True},
        },
        mutually_exclusive=[("bundle", "bundle_content")],
        required_if=[("state", state, ("activation",)) for state in STATES[2:-1]],
        supports_check_mode=True,
    )
    options = dict(module.params)
    run = Run(**options.pop("run"))
    try:
        result = session.perform(options, run, check=module.check_mode, hide=module.no_log_values.update)
    except SlipwayError as error:
        module.fail_json(msg=str(error), **locking.blame(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
