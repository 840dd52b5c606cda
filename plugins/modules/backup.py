#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup
short_description: Back up what an app has stored on a host, or bring it back
version_added: 0.1.0
description:
  - Needs what the role P(slipway.flask.backup#role) has set up. What happened is written down on the host, in
    C(/var/lib/slipway/APP/backups.jsonl).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
attributes:
  check_mode:
    support: partial
    details: A backup is only announced; what would be restored is judged as without.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each time it runs.
options:
  name:
    description: Name of the app, C(app_name).
    type: str
    required: true
  act:
    description:
      - V(run) makes a backup now. V(drill) brings the newest back to a scratch place, counts it and takes it away.
      - V(judge) finds what V(restore) would bring back, and fails with all that speaks against it.
      - V(stop) takes the app's lock, so that nobody ships meanwhile, and ends its programs, which V(restore) wants.
        V(start) starts them, waits until they are well, and drops the lock.
      - V(look) tells how backups stand.
    type: str
    choices: [run, drill, judge, stop, restore, start, look]
    required: true
  which:
    description: V(latest), the id of a backup, or a time in UTC such as V(2026-11-26T03:00), the newest until then.
    type: str
    default: latest
  host:
    description: Whose backup, a name of the inventory. Empty, this host's.
    type: str
    default: ""
  over:
    description: Whether what is there may be replaced.
    type: bool
    default: false
  stores:
    description: Whether the app stores something here. Where nothing is, V(judge) only looks for who is in the way.
    type: bool
    default: true
  run:
    description: Which run of a playbook this is. Set by the action plugin.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Back it up now
  slipway.flask.backup: {name: blog, act: run}
"""

RETURN = r"""
said: {description: 'What was done, in sentences.', returned: success, type: list, elements: str}
report:
  description:
    - In C(backup) the C(last) backup, the last C(good) one, the last C(drill), and for how many C(days) there was none.
  returned: with O(act=look)
  type: dict
record:
  description:
    - The line that was written down, with C(kind), C(at) (UTC), C(seconds), C(snapshots) of each part, C(ok), C(said).
    - Of a backup C(added) and C(total), in bytes. Of a drill and a restore C(files), C(bytes), C(tables) and C(rows).
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core import backup_text
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import backups, locking

KINDS = {"run": "backup", "drill": "drill"}


def main() -> None:
    word = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "name": word,
            "act": {**word, "choices": ["run", "drill", "judge", "stop", "restore", "start", "look"]},
            "which": {"type": "str", "default": "latest"},
            "host": {"type": "str", "default": ""},
            "over": {"type": "bool", "default": False},
            "stores": {"type": "bool", "default": True},
            "run": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    asked = module.params
    name, act, by = asked["name"], asked["act"], Run(**asked["run"])
    which = ["--from", asked["which"], "--of", asked["host"], *(["--over"] if asked["over"] else [])]
    try:
        if act == "look":
            module.exit_json(changed=False, said=[], record={}, report={"backup": backups.look(name)})
        if act in ("stop", "start"):
            if not module.check_mode:
                {"stop": backups.stop, "start": backups.start}[act](name, by)
            module.exit_json(changed=True, said=[], record={})
        if act == "judge" and not asked["stores"]:
            backups.judge_lock(name, by)
            module.exit_json(changed=False, said=[], record={})
        backups.required(name)
        if act == "judge":
            found = backups.judge(name, which, by)
            module.exit_json(changed=False, said=[f"{line} would be restored." for line in found["of"]], record=found)
        if module.check_mode:
            module.exit_json(changed=True, said=[f"Would {act} the backup of {name}."], record={})
        row = backups.restore(name, which, by) if act == "restore" else backups.run(name, KINDS[act])
    except SlipwayError as error:
        module.fail_json(msg=str(error), **locking.blame(error))
    module.exit_json(changed=True, said=backup_text.sentences(row), record=row)


if __name__ == "__main__":
    main()
