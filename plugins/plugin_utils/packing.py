# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pack modules before they are needed, in a process of its own.

Ansible reads and compiles all that a module imports at the first call of a run, which takes longer than most calls do,
and keeps the package for the others. While one process packs, others that want the same wait for it: Ansible locks it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from ansible import constants
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.plugin_utils import controller

# the package is the same for all of them; without a word Ansible would ask the host which it has
ANY_PYTHON = {"ansible_python_interpreter": "/usr/bin/python3"}


def begin(action: ActionBase, modules: Sequence[str], task_vars: Mapping[str, Any]) -> int:
    """The process that packs them, one after the other. What goes wrong is told by the call that needs the module."""
    run = controller.this_run("")
    child = os.fork()
    # Ansible ends the process group of a worker that outlives its play: no longer ours, whichever of us is first here
    os.setpgid(child, child)
    if not child:
        _live(action, modules, {**task_vars, **ANY_PYTHON}, run)
    return child


def _live(action: ActionBase, modules: Sequence[str], task_vars: dict[str, Any], run: dict[str, object]) -> NoReturn:
    with contextlib.suppress(BaseException):
        for module in modules:
            action._configure_module(module, {}, task_vars)
    if controller.is_dead(run):
        # it took its folder along, and may have done so before we wrote there
        shutil.rmtree(constants.DEFAULT_LOCAL_TMP, ignore_errors=True)
    os._exit(0)  # nothing of the playbook's worker, whose copy we are, may run at our end
