# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load once what every task needs.

Ansible forks a process for each task of each host, and a process that meets its first filter loads all of Ansible's
filters, and all of ours at the first one of those, likewise with tests: a tenth of a second each time. What is loaded
before the fork, all of them have: also the key of this run, which is made when its module is loaded. None of them looks
for garbage in what was there before. A callback, because of all plugins only these run in the process that forks,
before it does.
"""

from __future__ import annotations

DOCUMENTATION = r"""
name: preload
type: aggregate
short_description: Load filters and tests once for all tasks of a run
version_added: 0.1.0
description:
  - Ansible runs each task of each host in a process of its own, and each of them loads the filters that it uses.
    This loads Ansible's and this collection's before the first one, which takes a fifth off the
    processor time of a run that changes nothing.
  - Loads Ansible's tests likewise, and exempts what is there by then from the search for garbage.
  - Says nothing and changes nothing. The playbooks of this collection bring it along.
author: slipway.flask contributors (@slipway)
requirements:
  - Other playbooks have it with C(callbacks_enabled = slipway.flask.preload).
"""

import gc

from ansible.playbook import Playbook
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, test_loader

from ansible_collections.slipway.flask.plugins.plugin_utils import run_key  # noqa: F401 - loading it is all

# one of each family: Ansible looks through the whole family for it
FILTERS = ("ansible.builtin.default", "slipway.flask.networks")
TEST = "ansible.builtin.match"


class CallbackModule(CallbackBase):
    """Has done its work when the first play begins."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "slipway.flask.preload"

    def v2_playbook_on_start(self, playbook: Playbook) -> None:
        for name in FILTERS:
            filter_loader.get(name)
        test_loader.get(TEST)
        gc.freeze()
