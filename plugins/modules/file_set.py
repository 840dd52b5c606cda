#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: file_set
short_description: Place files that belong together, all of them or none
version_added: 0.1.0
description:
  - Compares directories, files and links with what stands on the host, and changes what differs in one step.
  - New contents are written beside their targets, swapped in by rename, and then proved by O(validate),
    O(on_change) and O(unit). If one of these fails, every path is put back as it was, running services are told,
    and the module fails with the words of the command that refused.
  - What a run leaves that was killed half way, the next run on that host puts back first, whichever files it is about.
  - In a task a file may have, instead of C(content), a C(template) of the role, with C(vars), or its file as C(source).
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
options:
  directories:
    description: Directories that must exist. They are changed in place; a link in their place is refused.
    <<: &rows {type: list, elements: dict, default: []}
    suboptions: &entry
      path: {description: Absolute path., type: str, required: true}
      owner: {description: Name of the account that owns it., type: str, default: root}
      group: {description: Name of its group., type: str, default: root}
      mode: {description: 'Octal and quoted. V(0755) for directories and V(0644) for files when not given.', type: str}
  files:
    description: Files with their whole content.
    <<: *rows
    suboptions:
      <<: *entry
      content: {description: All of it., type: str, required: true}
      secret:
        description: Show a digest in place of the content, as for every file that not everybody may read.
        <<: {type: bool, default: false}
  links:
    description: Symbolic links.
    <<: *rows
    suboptions:
      path: {description: Absolute path of the link., type: str, required: true}
      target: {description: 'What it says, as it is written into the link.', type: str, required: true}
  absent:
    description: Paths where nothing may be. A directory is removed only when it is empty by then.
    type: list
    elements: str
    default: []
  validate:
    description: Commands, each a list of words, that must succeed with the new files in place.
    <<: &commands {type: list, elements: list, default: []}
  on_change:
    description: Commands, each a list of words, run after a successful validation when a file changed.
    <<: *commands
  unit:
    description: A systemd unit that uses these files.
    type: dict
    suboptions:
      name: {description: With its suffix., type: str, required: true}
      enabled: {description: Whether it starts at boot. Left as it is when not given., type: bool}
      state: {description: Left as it is when not given., type: str, choices: [started, stopped]}
      on_change:
        description: What a running unit is told when a file changed. V(refuse) changes nothing and fails instead.
        <<: {type: str, choices: [reload, restart, refuse, none], default: none}
      hint: {description: 'What to type to allow what V(refuse) refuses. It ends the message.', type: str, default: ""}
      watches:
        description: The paths whose change concerns the unit. All of them when not given.
        <<: {type: list, elements: str, default: []}
"""

EXAMPLES = r"""
- name: Serve a site
  slipway.flask.file_set:
    files:
      - {path: /etc/nginx/sites-available/blog.conf, template: site.conf.j2}
    validate: [[nginx, -t]]
    unit: {name: nginx.service, enabled: true, state: started, on_change: reload}
"""

RETURN = r"""
plan: {description: 'What was done, or in check mode would be done.', returned: always, type: list, elements: str}
paths:
  {description: Paths that differed., returned: always, type: list, elements: str, sample: [/etc/nginx/a.conf]}
repaired:
  {description: Paths that a killed run had left half done., returned: always, type: list, elements: str, sample: []}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.file_set import describe
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import Unit
from ansible_collections.slipway.flask.plugins.module_utils._host.file_set import FileSet, place

WORD = {"type": "str", "required": True}
ROOT = {"type": "str", "default": "root"}
ENTRY = {"path": WORD, "owner": ROOT, "group": ROOT, "mode": {"type": "str"}}
FILE = {**ENTRY, "content": WORD, "secret": {"type": "bool", "default": False, "no_log": False}}
ROWS = {"type": "list", "elements": "dict", "default": []}
COMMANDS = {"type": "list", "elements": "list", "default": []}
UNIT = {
    "name": WORD,
    "enabled": {"type": "bool"},
    "state": {"type": "str", "choices": ["started", "stopped"]},
    "on_change": {"type": "str", "choices": ["reload", "restart", "refuse", "none"], "default": "none"},
    "hint": {"type": "str", "default": ""},
    "watches": {"type": "list", "elements": "str", "default": []},
}


class QuietModule(AnsibleModule):
    """Ansible writes the arguments into the host's system log; these hold whole files, secret ones among them."""

    def _log_invocation(self) -> None:
        self.log("Invoked for " + " ".join(file["path"] for file in self.params["files"]))


def main() -> None:
    spec = {
        "directories": {**ROWS, "options": ENTRY},
        "files": {**ROWS, "options": FILE},
        "links": {**ROWS, "options": {"path": WORD, "target": WORD}},
        "absent": {"type": "list", "elements": "str", "default": []},
        "validate": COMMANDS,
        "on_change": COMMANDS,
        "unit": {"type": "dict", "options": UNIT},
    }
    module = QuietModule(argument_spec=spec, supports_check_mode=True)
    given = module.params
    try:
        wished = describe(given["directories"], given["files"], given["links"], given["absent"])
        for file in given["files"]:
            file["content"] = "(not repeated)"
        validate, on_change = ([tuple(map(str, argv)) for argv in given[name]] for name in ("validate", "on_change"))
        wish = FileSet(wished, validate, on_change, Unit(**given["unit"]) if given["unit"] else None)
        outcome = place(wish, check=module.check_mode)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(outcome.sentences),
        plan=outcome.sentences,
        paths=[step.path for step in outcome.steps],
        repaired=list(outcome.repaired),
        diff=[step.diff for step in outcome.steps],
    )


if __name__ == "__main__":
    main()
