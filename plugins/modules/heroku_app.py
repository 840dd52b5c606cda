#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: heroku_app
short_description: Have an app on Heroku, with its add-ons and config vars
version_added: 0.1.0
description:
  - Runs where Heroku's API can be reached, on the controller as a rule, and needs nothing but Python there.
  - What is wrong with all of it is said at once, before anything is changed.
  - Each change of config vars is a release of Heroku's, with the app's release phase and a restart of its dynos, so all
    of them change in one request. M(slipway.flask.heroku_release) waits for it and judges it.
  - Which config vars are ours is kept in the config var E(SLIPWAY_CONFIG). One that leaves O(config) is removed; those
    that people or add-ons set stay as they are.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  diff_mode:
    details: Shows the names of config vars and never their values.
  platform:
    platforms: posix
options:
  app: {description: Name of the app at Heroku., type: str, required: true}
  api_url: {description: Where Heroku's API is., type: str, default: 'https://api.heroku.com'}
  api_key: {description: 'The key, as C(heroku authorizations:create) makes one.', type: str, required: true}
  state:
    description: V(absent) deletes the app and all that its add-ons have stored; it wants O(delete_data).
    type: str
    choices: [present, absent]
    default: present
  region: {description: 'Where a new app is made, such as V(eu). Empty, where Heroku makes it.', type: str, default: ''}
  team: {description: 'Team that a new app belongs to. Empty, none.', type: str, default: ''}
  stack: {description: Operating system that the next build is made for., type: str, default: heroku-24}
  addons:
    description:
      - Add-ons as C(SERVICE:PLAN), one for each service. A missing one is added, another plan is changed.
      - Further ones of the app stay, and are named in RV(strangers).
    type: list
    elements: str
    default: []
  config: {description: 'Config vars, name to value.', type: dict, default: {}}
  delete_data: {description: 'The name of the app once more, to delete it.', type: str, default: ''}
"""

EXAMPLES = r"""
- name: Have the app
  slipway.flask.heroku_app:
    app: my-blog
    api_key: "{{ vault_heroku_api_key }}"
    addons: [heroku-postgresql:essential-0, cloudamqp:lemur]
    config:
      SECRET_KEY: "{{ vault_secret_key }}"
  delegate_to: localhost
"""

RETURN = r"""
plan: {description: 'What was done, or in check mode would be done.', returned: always, type: list, elements: str}
heroku:
  description: The app with C(name), C(id), C(web_url), C(git_url), C(stack), C(region). Empty while there is none.
  returned: success
  type: dict
config_names: {description: Names of the config vars that are ours., returned: success, type: list, elements: str}
strangers: {description: Add-ons that nobody here asked for., returned: success, type: list, elements: str}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_app import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_picture import shown
from ansible_collections.slipway.flask.plugins.module_utils._host import heroku_app
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api

SHORT = 8  # a message in which shorter values were hidden would say nothing


SPEC = {
    "app": {"type": "str", "required": True},
    "api_url": {"type": "str", "default": "https://api.heroku.com"},
    "api_key": {"type": "str", "required": True, "no_log": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "region": {"type": "str", "default": ""},
    "team": {"type": "str", "default": ""},
    "stack": {"type": "str", "default": "heroku-24"},
    "addons": {"type": "list", "elements": "str", "default": []},
    "config": {"type": "dict", "default": {}, "no_log": True},
    "delete_data": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=SPEC,
        supports_check_mode=True,
    )
    given, config = module.params, module.params["config"]
    given["config"] = "(not repeated)"
    key = {given["api_key"]} - {""}  # an empty one would be masked between all letters
    module.no_log_values = {value for value in module.no_log_values if len(value) >= SHORT} | key
    api = Api(given["api_url"], given["api_key"])
    wanted = Wanted(given["app"], given["region"], given["team"], given["stack"], tuple(given["addons"]), config)
    try:
        if given["state"] == "present":
            outcome = heroku_app.place(api, wanted, module.check_mode)
        else:
            outcome = heroku_app.remove(api, given["app"], given["delete_data"], module.check_mode)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    # a success is told in names alone, and one of these may well be the value of a config var, such as the site's URL
    module.no_log_values = key
    for addon in outcome.strangers:
        module.warn(f"The app {given['app']} has the add-on {addon}, which stands in no inventory; it stays.")
    module.exit_json(
        changed=bool(outcome.steps),
        plan=[step.text for step in outcome.steps],
        diff={"before": outcome.before, "after": outcome.after},
        heroku=shown(outcome.app),
        config_names=sorted(config) if given["state"] == "present" else [],
        strangers=list(outcome.strangers),
    )


if __name__ == "__main__":
    main()
