# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell others how a deploy or a rollback goes.

A callback and not a task: only a callback sees the end of a run whose hosts became unreachable or whose gate failed.
"""

from __future__ import annotations

DOCUMENTATION = r"""
name: notify
type: notification
short_description: Tell a webhook, a command or a mailbox about deploys and rollbacks
version_added: 0.1.0
description:
  - Sends a notice when a run is about to ship or to go back, when it succeeded and when it failed, to whom the
    variables C(notify_webhook), C(notify_command) and C(notify_mail) of the inventory name.
  - A run that finds nothing to ship and a run in check mode send nothing.
  - Sends from the controller, and waits for nobody while the run goes on. A target that does not answer within 5
    seconds is a warning.
  - The playbooks of this collection bring it along. Plays of your own that import the role P(slipway.flask.app#role)
    have it with C(callbacks_enabled = slipway.flask.notify).
author: slipway.flask contributors (@slipway)
"""

import datetime
import time
from collections.abc import Iterator
from typing import Any

from ansible import context
from ansible.errors import AnsibleError
from ansible.executor.stats import AggregateStats
from ansible.inventory.host import Host
from ansible.playbook import Playbook
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.notify import RULES, Outcome, settle
from ansible_collections.slipway.flask.plugins.module_utils._core.progress import Progress, act_of
from ansible_collections.slipway.flask.plugins.plugin_utils import controller
from ansible_collections.slipway.flask.plugins.plugin_utils.courier import Courier
from ansible_collections.slipway.flask.plugins.plugin_utils.reading import plain

OURS = "slipway.flask."
INVENTORY, SURVEY, GATE, RELEASE = (f"{OURS}{name}" for name in ("check_inventory", "survey", "gate_result", "release"))


class CallbackModule(CallbackBase):
    """Follows one playbook at a time. Without targets, and in check mode, it only watches."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "slipway.flask.notify"
    CALLBACK_NEEDS_ENABLED = False

    _instances = 0

    def __init__(self) -> None:
        super().__init__()
        # our playbooks bring it along, and somebody may have enabled it besides
        self.disabled = bool(CallbackModule._instances)
        CallbackModule._instances += 1
        self._act, self._told = "", False
        self._progress: Progress | None = None
        self._courier: Courier | None = None

    def v2_playbook_on_start(self, playbook: Playbook) -> None:
        states = (task.args.get("state", "") for play in playbook.get_plays() for task in _tasks(play.tasks))
        self._act = "" if context.CLIARGS.get("check") else act_of(states)
        self._begun, self._told, self._progress, self._courier = time.monotonic(), False, None, None

    def v2_playbook_on_play_start(self, play: Play) -> None:
        self._play = play

    def v2_runner_on_start(self, host: Host, task: Task) -> None:
        """A host of the app is asked for the first time: its variables say whom to tell."""
        if self._act and not self._progress and task.action in (INVENTORY, SURVEY):
            self._read(host)

    def v2_runner_on_ok(self, result: Any) -> None:
        if not self._progress:
            return
        found = result.result
        if result.task.action == SURVEY:
            self._progress = self._progress.saw(result.host.get_name(), found["ansible_facts"]["slipway"])
        elif result.task.action == GATE:
            self._progress = self._progress.gated(found)
        elif result.task.action == RELEASE and act_of([result.task.args["state"]]):
            self._progress = self._progress.planned(found)
        if self._progress.ships and not self._told:
            self._told = True
            self._tell("started")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if self._progress and not ignore_errors:
            self._progress = self._progress.failed(str(result.result.get("msg") or ""))

    def v2_runner_on_unreachable(self, result: Any) -> None:
        if self._progress:
            name = result.host.get_name()
            message = f"{name} cannot be reached: {result.result.get('msg') or ''}"
            self._progress = self._progress.saw(name, {}).failed(message)

    def v2_playbook_on_stats(self, stats: AggregateStats) -> None:
        if self._progress and (stats.failures or stats.dark):
            self._tell("failed")
        elif self._told:
            self._tell("succeeded")
        if self._courier:
            self._warn(self._courier.settle())

    def _read(self, host: Host) -> None:
        """What is wrong with these variables the task itself says."""
        variables = self._play.get_variable_manager().get_vars(play=self._play, host=host)
        templar = Templar(loader=self._play.get_loader(), variables=variables)
        try:
            given = {name: plain(templar.template(variables[name])) for name in RULES if name in variables}
            targets, app = settle(given), str(templar.template(variables["app_name"]))
        except (AnsibleError, DescriptionError, KeyError):
            return
        if targets:
            self._courier, self._progress = Courier(targets), Progress(app, self._act, controller.who())

    def _tell(self, outcome: Outcome) -> None:
        if self._progress and self._courier:
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            notice = self._progress.notice(outcome, now, time.monotonic() - self._begun)
            self._warn(self._courier.send(notice))

    def _warn(self, problems: list[str]) -> None:
        for problem in problems:
            self._display.warning(f"{problem}. The {self._act} goes on without it.")


def _tasks(entries: list[Any]) -> Iterator[Task]:
    """Every task of a release below these; imported roles are there as blocks."""
    for entry in entries:
        if isinstance(entry, Block):
            yield from _tasks([*entry.block, *entry.rescue, *entry.always])
        elif entry.action == RELEASE:
            yield entry
