#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elastic_beanstalk_environment
short_description: Have an environment of AWS Elastic Beanstalk run a version
version_added: 0.1.0
description:
  - Makes the environment, or brings it with one request to the version and the options that are wanted, and waits until
    it is ready and well and the application itself answers.
  - When that goes wrong, the environment goes back to what it was, and the task fails with what the platform said.
  - What is wrong with the arguments is said all at once, before anything is changed. In check mode, an application, a
    version, a role or an instance profile that is not there yet may be about to be made, and is a line of RV(plan).
  - Names of the properties that are kept from here stand in one of their own, C(SLIPWAY_CONFIG). Other properties
    stay as they are, and so do options that were set once and are not named any more.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes, slipway.flask.aws]
attributes:
  platform:
    platforms: posix
options:
  application: {description: Name of the application., type: str, required: true}
  name: {description: 'Name of the environment, unique in the region.', type: str, required: true}
  platform:
    description:
      - Branch of the platform, such as V(Python 3.13 running on 64bit Amazon Linux 2023). An environment is made with
        its newest version, and stays with the one it has.
    <<: {type: str, default: ''}
  version_label:
    description: The version to run. Empty, an environment that is there keeps the one it has.
    <<: {type: str, default: ''}
  options: {description: 'Options of the platform, as namespace, name and value.', type: dict, default: {}}
  environment: {description: Environment variables of the application., type: dict, default: {}}
  secrets:
    description: More of them, each the ARN of a secret of Secrets Manager or of a parameter of Systems Manager.
    <<: {type: dict, default: {}}
  cname_prefix: {description: First part of the address. Taken when the environment is made., type: str, default: ''}
  health_path: {description: 'A path that answers with success when the application is well.', type: str, default: /}
  wait_seconds: {description: How long one request to the platform may take., type: int, default: 1800}
  rollback:
    description:
      - Run this version instead of O(version_label). V(previous) is the one that ran well before in this environment.
      - O(options), O(environment) and O(secrets) have no say then, and stay as they are.
    <<: {type: str, default: ''}
  state: {description: V(absent) terminates it., type: str, choices: [present, absent], default: present}
"""

EXAMPLES = r"""
- name: Run the version
  slipway.flask.elastic_beanstalk_environment:
    application: blog
    name: blog-prod
    platform: Python 3.13 running on 64bit Amazon Linux 2023
    version_label: 3f2a9c17d0b1
    options:
      aws:elasticbeanstalk:command: {DeploymentPolicy: Immutable}
    environment: {SITE_NAME: A blog}
    region: eu-central-1
  delegate_to: localhost
"""

RETURN = r"""
plan: {description: 'What was done, or in check mode would be done.', returned: success, type: list, elements: str}
environment:
  description: The environment as it is now; empty when there is none.
  returned: success
  type: dict
  sample: {id: e-1, name: blog-prod, url: 'http://blog-prod.eu-central-1.elasticbeanstalk.com', status: Ready,
    cname: blog-prod.eu-central-1.elasticbeanstalk.com, health: Green, version_label: v2, platform: 'arn:...'}
before: {description: The same as it was., returned: success, type: dict}
events: {description: What the platform said meanwhile., returned: success, type: list, elements: str}
"""

from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import beanstalk
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_judge import written
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_text import difference, shown
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.beanstalk_shipping import Shipping
from ansible_collections.slipway.flask.plugins.module_utils.aws import Task, run

WORD = {"type": "str", "required": True}
EMPTY = {"type": "str", "default": ""}
ROWS = {"type": "dict", "default": {}}


def work(task: Task) -> dict[str, Any]:
    given = task.given
    plain, properties, secrets = (dict(given[name]) for name in ("options", "environment", "secrets"))
    if problems := list(written(given["name"], plain, properties, secrets)):
        raise SlipwayError("\n".join(problems))
    wanted = beanstalk.Wanted(
        application=given["application"],
        name=given["name"],
        platform=given["platform"],
        version=given["version_label"],
        options=beanstalk.options(plain, properties, secrets),
        cname_prefix=given["cname_prefix"],
    )
    shipping = Shipping(task.clients, wanted, given["health_path"], given["wait_seconds"], task.log)
    if given["state"] == "absent":
        outcome = shipping.terminate(task.check)
    else:
        outcome = shipping.converge(given["rollback"], task.check)
    return {
        "changed": bool(outcome.plan),
        "plan": list(outcome.plan),
        "environment": shown(wanted.name, outcome.after),
        "before": shown(wanted.name, outcome.before),
        "events": [str(event) for event in outcome.events],
        "diff": difference(shipping.wanted, outcome.before, given["state"] == "absent") if outcome.plan else {},
    }


def main() -> None:
    spec = {
        **dict.fromkeys(("application", "name"), WORD),
        **dict.fromkeys(("platform", "version_label", "cname_prefix", "rollback"), EMPTY),
        **dict.fromkeys(("options", "environment"), ROWS),
        "secrets": {**ROWS, "no_log": False},
        "health_path": {"type": "str", "default": "/"},
        "wait_seconds": {"type": "int", "default": 1800},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    run(spec, work, hidden=("options", "environment"), required_if=[("state", "present", ("platform",))])


if __name__ == "__main__":
    main()
