# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every task needs is there before the first one."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

# of the process that Ansible made for a task
LOOK = """
import gc, json, sys
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        with open(self._task.args["into"], "w") as file:
            json.dump({"modules": sorted(sys.modules), "frozen": gc.get_freeze_count()}, file)
        return super().run(tmp, task_vars)
"""


def test_tasks_find_filters_and_tests_loaded_and_look_for_no_garbage_in_them(tmp_path: Path) -> None:
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "action_plugins" / "look.py").write_text(LOOK)
    tasks = [{"look": {"into": str(tmp_path / "seen.json")}}]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    environment = os.environ | {"ANSIBLE_CALLBACKS_ENABLED": "slipway.flask.preload"}
    subprocess.run(["ansible-playbook", "play.yml"], cwd=tmp_path, env=environment, capture_output=True, check=True)
    seen = json.loads((tmp_path / "seen.json").read_text())
    for loaded in ("ansible.plugins.filter.core", "ansible.plugins.test.core", "slipway.flask.plugins.filter.networks"):
        assert any(loaded in name for name in seen["modules"]), loaded
    assert seen["frozen"] > len(seen["modules"])
