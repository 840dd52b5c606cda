# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand the release module its request and its bundle, and say whose run this is."""

from __future__ import annotations

import base64
import os
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import truth
from ansible_collections.slipway.flask.plugins.plugin_utils import controller, forecast, holding

# bytes; a file of its own is made, sent and removed in trips to the host of their own
COMES_WITH_THE_CALL = 512 * 1024
PARTS = {
    "artifact": "artifact.tar.gz",
    "lock": "lock.txt",
    "attestation": "attestation.json",
    "signature": "attestation.json.sig",
}
COMMANDS = ("build_commands", "init_commands", "migrate_commands", "programs")
ARGUMENTS = ("name", "state", "then", "activation", "to", "leader", "migrating", "newer_schema", "reason")
REQUEST = ("wsgi", "shared", *COMMANDS, "health_path", "host")


class ActionModule(ActionBase):
    """One act on one host: one module call, two when it turns out that the host lacks the bundle."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = dict(self._task.args)
        gate, wait = asked.pop("gate", None), int(asked.pop("lock_wait", 0))
        run = controller.this_run(asked.pop("act", "deploy"))
        arguments = {key: asked[key] for key in ARGUMENTS if asked.get(key) is not None}
        arguments["run"] = run
        build: dict[str, Any] = {}
        if asked["state"] == "prepared":
            if gate and not gate.get("builds"):
                return result | {
                    "changed": True,
                    "plan": ["ship the commit once its tests have passed"],
                    "pending": [],
                    "activation": "",
                }
            build = _build_for(gate, task_vars)
            arguments |= _request(asked, gate, build)
        lacks = bool(build) and not self._task.check_mode and _lacks(arguments["name"], gate, task_vars)
        if build and not lacks:
            # a change of the environment alone is told to others before it is made: after this call, before the next
            arguments.pop("then", None)
        answer: dict[str, Any] = {"missing": True} if lacks else self._call(arguments, task_vars, wait)
        if answer.get("missing"):
            answer = self._call_with_bundle(arguments, gate, build, task_vars, wait)
        if answer.get("contents"):
            destructive = truth((asked.get("migrating") or {}).get("destructive", False))
            _foretell(answer, forecast.foretell(gate, build, answer.pop("contents"), destructive))
        return result | answer

    def _call(self, arguments: dict[str, Any], task_vars: dict[str, Any], wait: int) -> dict[str, Any]:
        return holding.call(self, "slipway.flask.release", arguments, task_vars, wait)

    def _call_with_bundle(
        self,
        arguments: dict[str, Any],
        gate: dict[str, Any],
        build: dict[str, Any],
        task_vars: dict[str, Any],
        wait: int,
    ) -> dict[str, Any]:
        with tempfile.NamedTemporaryFile(prefix="slipway-", suffix=".tar") as local:
            with tarfile.open(local.name, "w") as tar:
                for part, name in PARTS.items():
                    tar.add((gate if part == "artifact" else build)[part]["path"], arcname=name)
            if os.path.getsize(local.name) <= COMES_WITH_THE_CALL:
                content = base64.b64encode(Path(local.name).read_bytes()).decode()
                return self._call({**arguments, "bundle_content": content}, task_vars, wait)
            folder = self._make_tmp_path()
            try:
                remote = self._connection._shell.join_path(folder, "bundle.tar")
                self._transfer_file(local.name, remote)
                return self._call({**arguments, "bundle": remote}, task_vars, wait)
            finally:
                self._remove_tmp_path(folder)


def _foretell(answer: dict[str, Any], lines: list[str]) -> None:
    """Put what the release brings before what the host would do."""
    answer["plan"] = lines + answer["plan"]
    answer["diff"]["after"] = "".join(f"{line}\n" for line in answer["plan"])


def _lacks(name: str, gate: dict[str, Any], task_vars: dict[str, Any]) -> bool:
    """Whether the host serves another commit, so that the bundle is best sent without asking for it."""
    app = task_vars["ansible_facts"]["slipway"].get("apps", {}).get(name) or {}
    live = (app.get("current") or {}).get("release") or ""
    return not live.startswith(str(gate["commit"])[:12])


def _build_for(gate: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
    """The part of the gate's result for the Python of this host."""
    python = task_vars["ansible_facts"]["slipway"]["python"]
    try:
        build: dict[str, Any] = gate["builds"][python]
    except KeyError:
        there = ", ".join(gate["builds"])
        raise AnsibleActionFail(
            f"This host has Python {python}, but the gate made locks for {there} only. Run the gate again."
        ) from None
    return build


def _request(asked: dict[str, Any], gate: dict[str, Any], build: dict[str, Any]) -> dict[str, Any]:
    """Split what the role gives into what may be shown and what may not."""
    files = {
        path: row if isinstance(row, dict) else {"content": row} for path, row in (asked.get("files") or {}).items()
    }
    secret = {path for path, row in files.items() if row.get("secret")}
    request = {key: asked[key] for key in REQUEST if key in asked}
    request["environment"] = asked.get("environment") or {}
    request["files"] = {
        path: {"content": row["content"], "mode": row.get("mode", "0644")}
        for path, row in files.items()
        if path not in secret
    }
    request["record"] = {
        "commit": gate["commit"],
        "artifact": gate["artifact"]["sha256"],
        "lock": build["lock"]["sha256"],
        "python": build["python"],
        "install_project": gate["install_project"],
    }
    tests = build.get("tests") or {}
    request["facts"] = {"subject": gate.get("subject", ""), "version": gate.get("version", ""), "tests": tests}
    hidden = {"environment": asked.get("secrets") or {}, "files": {path: files[path]["content"] for path in secret}}
    return {"request": request, "secrets": hidden}
