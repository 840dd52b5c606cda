# Copyright: (c) 2026, the slipway.flask authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count what a run costs: the number of remote steps decides how fast it is.

A result says nothing of the modules that an action plugin ran on its way (a template is a C(stat) and a C(copy) at
least), so they are counted where all of them pass: the one method of action plugins that sends a module. Ansible runs
actions in forked workers; each notes its steps in a file that was opened before the fork.
"""

from __future__ import annotations

DOCUMENTATION = r"""
name: steps
type: aggregate
short_description: Remote steps and seconds of a run
version_added: 0.1.0
description:
  - Counts every module run over a connection to a host, also those that an action plugin runs on its way.
  - Steps on the controller itself are not counted.
  - Says seconds for each play; on request writes everything, task by task, to a JSON file, together with what the
    playbooks told through M(ansible.builtin.set_stats).
author: slipway.flask authors (@slipway)
options:
  file:
    description: Path of a JSON file to write when the run ends.
    type: path
    env:
      - name: SLIPWAY_STEPS_FILE
    ini:
      - section: callback_steps
        key: file
requirements:
  - Enable it with C(callbacks_enabled = slipway.flask.steps).
"""

import functools
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.executor.stats import AggregateStats
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase

from ansible_collections.slipway.flask.plugins.plugin_utils import stream

# actions that send a command of their own; the commands that carry a module are counted with it
WITHOUT_MODULE = ("raw", "script", "survey")
OURS = ("ansible.legacy.", "ansible.builtin.")


class Notes:
    """Steps as the workers note them: one short line each, appended in one write, so that none is torn."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("a+b", buffering=0)  # noqa: SIM115 - as long as the run

    def note(self, action: ActionBase, module: str) -> None:
        if action._connection.transport != "local":
            for prefix in OURS:
                module = module.removeprefix(prefix)
            self._file.write(json.dumps([action._task._uuid, module]).encode() + b"\n")

    def read(self) -> list[tuple[str, str]]:
        self._file.seek(0, os.SEEK_SET)
        return [(task, module) for task, module in map(json.loads, self._file.read().splitlines())]


def watch(notes: Notes) -> None:
    """From now on note every module that an action plugin sends, and every command that goes without one."""
    send_module: Callable[..., Any] = ActionBase._execute_module
    send_command: Callable[..., Any] = ActionBase._low_level_execute_command
    open_stream = stream.argv
    carrying = set[int]()

    @functools.wraps(send_module)
    def noted_module(self: ActionBase, module_name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        notes.note(self, module_name or self._task.action)
        carrying.add(id(self))
        try:
            return send_module(self, module_name, *args, **kwargs)
        finally:
            carrying.discard(id(self))

    @functools.wraps(send_command)
    def noted_command(self: ActionBase, *args: Any, **kwargs: Any) -> Any:
        name = self._task.action.rpartition(".")[2]
        if name in WITHOUT_MODULE and id(self) not in carrying:
            notes.note(self, name)
        return send_command(self, *args, **kwargs)

    @functools.wraps(open_stream)
    def noted_stream(action: ActionBase, command: str, *options: str) -> list[bytes]:
        notes.note(action, "stream")
        return open_stream(action, command, *options)

    stream.argv = noted_stream
    ActionBase._execute_module = noted_module
    ActionBase._low_level_execute_command = noted_command


class CallbackModule(CallbackBase):
    """Clock of plays and tasks, and the sum at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "slipway.flask.steps"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._notes = Notes()
        self._plays: list[dict[str, Any]] = []
        self._begun = time.monotonic()
        watch(self._notes)

    def v2_playbook_on_play_start(self, play: Play) -> None:
        self._plays.append({"name": play.get_name(), "begun": time.monotonic(), "tasks": []})

    def v2_playbook_on_task_start(self, task: Task, is_conditional: bool) -> None:
        entry = {"name": task.get_name(), "begun": time.monotonic(), "uuid": task._uuid}
        self._plays[-1]["tasks"].append(entry)

    def v2_playbook_on_handler_task_start(self, task: Task) -> None:
        self.v2_playbook_on_task_start(task, False)

    def v2_playbook_on_stats(self, stats: AggregateStats) -> None:
        report = self._report(stats)
        plays = ", ".join(f"{play['name']} {play['seconds']} s" for play in report["plays"])
        kinds = f"{report['remote_steps']} of {len(report['modules'])} kinds"
        self._display.display(f"Remote steps: {kinds}. Seconds: {report['seconds']} ({plays})")
        path = self.get_option("file")
        if path:
            Path(path).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")

    def _report(self, stats: AggregateStats) -> dict[str, Any]:
        end = time.monotonic()
        steps = self._notes.read()
        by_task = Counter(task for task, _module in steps)
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        return {
            "seconds": round(end - self._begun, 2),
            "remote_steps": len(steps),
            "modules": dict(Counter(module for _task, module in steps).most_common()),
            "changed": sum(host["changed"] for host in hosts.values()),
            "hosts": hosts,
            "told": stats.custom.get("_run", {}),
            "plays": [self._timed(play, then, by_task) for play, then in _with_ends(self._plays, end)],
        }

    @staticmethod
    def _timed(play: dict[str, Any], end: float, by_task: Counter[str]) -> dict[str, Any]:
        tasks = [
            {"name": task["name"], "seconds": round(then - task["begun"], 2), "remote_steps": by_task[task["uuid"]]}
            for task, then in _with_ends(play["tasks"], end)
        ]
        steps = sum(task["remote_steps"] for task in tasks)
        return {"name": play["name"], "seconds": round(end - play["begun"], 2), "remote_steps": steps, "tasks": tasks}


def _with_ends(entries: list[dict[str, Any]], end: float) -> list[tuple[dict[str, Any], float]]:
    """Each entry with the time at which it ended: the next one's beginning."""
    return list(zip(entries, [*(entry["begun"] for entry in entries[1:]), end], strict=False))
