#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: heroku_release
short_description: Make a commit live on Heroku, or go back to a release
version_added: 0.1.0
description:
  - Pushes a commit, waits for build, release phase and dynos, and asks the site several times. What does not become
    well is taken back to the release that was live before, and the task fails in the platform's own words.
  - A commit that Heroku has built already is released from its slug.
  - A release that failed leaves the one before live; with the same commit the next run tries it again.
  - An app with nothing to do is judged, too.
  - Runs on the controller and needs C(git) there. The app is made by M(slipway.flask.heroku_app).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  check_mode:
    details: Waits for a release that is under way. Whether the new one would become well, nobody knows beforehand.
      Of an app that is not there yet it tells what a run would do.
  idempotent:
    support: partial
    details: V(rollback=previous) goes back each time, between two releases to and fro.
  platform:
    platforms: posix
options:
  app: {description: Name of the app at Heroku., type: str, required: true}
  api_url: {description: Where Heroku's API is., type: str, default: 'https://api.heroku.com'}
  api_key: {description: 'The key, as C(heroku authorizations:create) makes one.', type: str, required: true}
  git_url:
    description: The app's repository at Heroku. Empty, C(https://git.heroku.com/APP.git).
    type: str
    default: ''
  tree: {description: A git repository here that has O(commit)., type: path, default: ''}
  commit: {description: 'The commit to be live, whole. Equal content, equal commit.', type: str, default: ''}
  proof:
    description:
      - What O(commit) has to be - the tested artifact, and just what M(slipway.flask.platform_tree) added to it.
    type: dict
    suboptions:
      app_name: {description: Name of the application in the record of its tests., type: str, required: true}
      added: {description: RV(slipway.flask.platform_tree#module:added)., type: dict, required: true}
      signers: {description: Name -> public key of whose word counts., type: dict, required: true}
      untested_allowed: {description: Whether a commit without tests may ship., type: bool, default: false}
  formation:
    description:
      - Process type to C(quantity) and C(size), such as V({web{:} {quantity{:} 2, size{:} basic}}).
      - What is not said stays as it is; of a new app one C(web) runs.
    type: dict
    default: {}
  health_path: {description: Path of the site that answers 2xx when the app is well., type: str, default: /}
  wait_seconds: {description: 'How long build, release phase and dynos may each take.', type: int, default: 600}
  rollback:
    description:
      - V(previous) is the last good release before the live one that ran other code; or a release such as V(v12).
      - Heroku goes back to the release's config vars as well, but for those of add-ons. O(commit) and O(formation) have
        no say.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Make it live
  slipway.flask.heroku_release:
    app: my-blog
    api_key: "{{ vault_heroku_api_key }}"
    tree: /home/me/.cache/blog-on-heroku
    commit: 3f1c2a9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a
    formation: {web: {quantity: 1, size: basic}, worker: {quantity: 1, size: basic}}
    health_path: /healthz
  delegate_to: localhost

- name: Go back
  slipway.flask.heroku_release: {app: my-blog, api_key: "{{ vault_heroku_api_key }}", rollback: previous}
"""

RETURN = r"""
plan: {description: 'What was done, or in check mode would be done.', returned: always, type: list, elements: str}
release:
  description: The live release with C(version), C(commit), C(description), C(status); in check mode as before.
  returned: success
  type: dict
before: {description: The same of the release that was live before., returned: success, type: dict}
web_url: {description: Where the site is., returned: success, type: str}
seconds: {description: How long it took., returned: success, type: float}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import shipment
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_release import Wish, converge
from ansible_collections.slipway.flask.plugins.module_utils._host.shipment import Shipment

PROOF = {
    "app_name": {"type": "str", "required": True},
    "added": {"type": "dict", "required": True},
    "signers": {"type": "dict", "required": True},
    "untested_allowed": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "api_url": {"type": "str", "default": "https://api.heroku.com"},
            "api_key": {"type": "str", "required": True, "no_log": True},
            "git_url": {"type": "str", "default": ""},
            "tree": {"type": "path", "default": ""},
            "commit": {"type": "str", "default": ""},
            "proof": {"type": "dict", "options": PROOF},
            "formation": {"type": "dict", "default": {}},
            "health_path": {"type": "str", "default": "/"},
            "wait_seconds": {"type": "int", "default": 600},
            "rollback": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    given = dict(module.params)
    api = Api(given.pop("api_url"), given.pop("api_key"))
    given["git_url"] = given["git_url"] or f"https://git.heroku.com/{given['app']}.git"
    proof = given.pop("proof")
    wish = Wish(**given | {"tree": Path(given["tree"])})
    try:
        if proof:
            shipment.verify(Shipment(wish.tree, wish.commit, proof.pop("added")), **proof)
        outcome = converge(api, wish, module.check_mode)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    for warning in outcome.warnings:
        module.warn(warning)
    plan = [step.text for step in outcome.steps]
    module.exit_json(
        changed=bool(plan),
        plan=plan,
        diff={"before": "", "after": "".join(f"{line}\n" for line in plan)},
        **{name: getattr(outcome, name) for name in ("release", "before", "web_url", "seconds")},
    )


if __name__ == "__main__":
    main()
