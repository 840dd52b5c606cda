# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the Procfile of a tree on the controller with honcho, until somebody interrupts it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_heroku import PYTHON_VERSION, RELEASE
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_tree import LOCK, PROCFILE
from ansible_collections.slipway.flask.plugins.module_utils._host import export, gatecache, processes, pythons, uv

NO_HONCHO = "heroku_local runs the Procfile with honcho, which is not on this machine. Type: pip install honcho"
INTERRUPTED = (-2, 130)
END_SECONDS = 10.0


class ActionModule(ActionBase):
    """As a dyno would: the lock's packages, the config vars, PORT. The release phase first, as Heroku does."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, given = self.validate_argument_spec(
            {
                "tree": {"type": "path", "required": True},
                "name": {"type": "str", "required": True},
                "processes": {"type": "list", "elements": "str", "required": True},
                "port": {"type": "int", "required": True},
                "environment": {"type": "dict", "default": {}, "no_log": True},
            }
        )
        tree, honcho = Path(given["tree"]), shutil.which("honcho")
        if not honcho:
            raise AnsibleActionFail(NO_HONCHO)
        try:
            variables = self._environment(tree, given)
        except SlipwayError as error:
            raise AnsibleActionFail(str(error)) from error
        start = [honcho, "--no-colour", "start", "--port", str(given["port"]), *given["processes"]]
        for argv in [*_release(tree), start]:
            status = self._shown(argv, tree, variables)
            if status and not (argv is start and status in INTERRUPTED):
                return result | {"failed": True, "msg": f"{argv[-1]}: exit status {status}", "changed": True}
        return result | {"changed": True}

    def _environment(self, tree: Path, given: Mapping[str, Any]) -> dict[str, str]:
        """The virtual environment that the lock says, kept in the gate's cache, and what the app finds there."""
        interpreter = pythons.choose((tree / PYTHON_VERSION).read_text(encoding="ascii").strip())
        cache = gatecache.GateCache(gatecache.default_root(), given["name"])
        installer = uv.find({}, cache.tools)
        key = f"local-{interpreter.version}-{export.digest(tree / LOCK)[:16]}"
        venv = cache.venv(key, lambda folder: installer.environment_at(folder, interpreter, [tree / LOCK]))
        ours = {"PATH": f"{venv}/bin:{os.environ['PATH']}", "VIRTUAL_ENV": str(venv), "PORT": str(given["port"])}
        told = {name: str(value) for name, value in given["environment"].items()}
        return {**os.environ, **told, **ours, "PYTHONUNBUFFERED": "1"}

    def _shown(self, argv: list[str], tree: Path, variables: Mapping[str, str]) -> int:
        """Its status, and what it says as it says it."""
        process = subprocess.Popen(
            argv,
            cwd=tree,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout
        threading.Thread(target=_outlive_nobody, args=[process], daemon=True).start()
        with process:
            for line in process.stdout:
                self._display.display(line.rstrip("\n"))
        return process.returncode


def _outlive_nobody(process: subprocess.Popen[str]) -> None:
    """Whoever runs the playbook may be killed; then nothing stays behind."""
    playbook = multiprocessing.parent_process()
    if not playbook:
        return
    playbook.join()
    # honcho would wait for ever for one of them that does not end when it is told to
    family = processes.family(process.pid)
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        for member in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)


def _release(tree: Path) -> list[list[str]]:
    """honcho would start it beside the others, and end all when it has ended."""
    lines = (tree / PROCFILE).read_text(encoding="utf-8").splitlines()
    found = [line.partition(": ")[2] for line in lines if line.startswith(f"{RELEASE}: ")]
    return [["sh", "-c", command] for command in found]
