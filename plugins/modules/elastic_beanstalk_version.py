#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elastic_beanstalk_version
short_description: Have a version of an application on AWS Elastic Beanstalk
version_added: 0.1.0
description:
  - Uploads a bundle into the bucket that Elastic Beanstalk keeps for the region, makes a version of it, and waits until
    the platform has processed that.
  - A label stands for its content. A version that is there is never made again, and its bundle never replaced.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes, slipway.flask.aws]
attributes:
  platform:
    platforms: posix
options:
  application:
    description: Name of the application, which has to be there. P(community.aws.elasticbeanstalk_app#module) makes it.
    type: str
    required: true
  label:
    description: Name of the version. Let it be a digest of the content.
    type: str
    required: true
  bundle:
    description: Path of the zip archive on the controller, 500 MB at most.
    type: path
  description:
    description: What is said of the version.
    type: str
    default: ""
  state:
    description: V(absent) deletes the version and its bundle, unless an environment runs it.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Have the version
  slipway.flask.elastic_beanstalk_version:
    application: blog
    label: 3f2a9c17d0b1
    bundle: /tmp/blog.zip
    region: eu-central-1
  delegate_to: localhost
"""

RETURN = r"""
plan: {description: 'What was done, or in check mode would be done.', returned: success, type: list, elements: str}
version:
  description: The version. Empty in check mode when it is not there yet, and when it is gone.
  returned: success
  type: dict
  contains:
    label: {description: Its label., type: str, returned: success}
    status: {description: 'V(PROCESSED), or V(UNPROCESSED) of somebody else.', type: str, returned: success}
    bucket: {description: Where its bundle is., type: str, returned: success}
    key: {description: What the bundle is called there., type: str, returned: success}
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._host.beanstalk_version import Version, place, remove
from ansible_collections.slipway.flask.plugins.module_utils.aws import Task, run


def work(task: Task) -> dict[str, Any]:
    given = task.given
    wanted = Version(given["application"], given["label"], given["bundle"] or "", given["description"])
    row: Mapping[str, Any] = {}
    if given["state"] == "absent":
        plan = remove(task.clients, wanted, task.check)
    else:
        plan, row = place(task.clients, wanted, task.check)
    after = "".join(f"{line}\n" for line in plan)
    return {"changed": bool(plan), "plan": plan, "version": shown(row), "diff": {"before": "", "after": after}}


def shown(row: Mapping[str, Any]) -> dict[str, str]:
    source = row.get("SourceBundle", {})
    where = {"bucket": source.get("S3Bucket", ""), "key": source.get("S3Key", "")}
    return {"label": row["VersionLabel"], "status": row.get("Status", ""), **where} if row else {}


def main() -> None:
    spec = {
        "application": {"type": "str", "required": True},
        "label": {"type": "str", "required": True},
        "bundle": {"type": "path"},
        "description": {"type": "str", "default": ""},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    run(spec, work, (), required_if=[("state", "present", ("bundle",))])


if __name__ == "__main__":
    main()
