# SPDX-License-Identifier: GPL-3.0-or-later
"""One instance: a bundle that is deployed, and its processes, kept alive.

Commands see the instance's own folder as /var/app, so that paths are those of the platform: staging, current and
venv/staging-LQM1lest. Processes run as webapp, hooks and container commands as root.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import bundle
from .bundle import Command

ROOT = Path("/var/lib/beanstalk")
VENV = "/var/app/venv/staging-LQM1lest"
PLACED = 'mount --bind "$0" /var/app && cd "$1" && shift && exec "$@"'
WEBAPP = ("setpriv", "--reuid=webapp", "--regid=webapp", "--clear-groups")
LIMIT, STOP_SECONDS, RESTART_SECONDS = 120, 10, 1
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CommandError(Exception):
    """A command of the deployment failed; the platform's events do not say its output, the log does."""


class Instance:
    def __init__(self, port: int, environment: Mapping[str, str]) -> None:
        self.id = f"i-{secrets.token_hex(8)}"
        self.port, self.folder = port, ROOT / "instances" / self.id
        self.environment = environment
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()
        (self.folder / "venv").mkdir(parents=True)
        self.log = (self.folder / "eb-engine.log").open("ab")

    def stage(self, content: bytes) -> dict[bundle.Option, str]:
        """Unpack; the options that the bundle sets."""
        staging = self.folder / "staging"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        bundle.unpack(content, staging)
        return bundle.options(staging)

    def prepare(self, leader: bool) -> None:
        """Everything before the swap: what fails here leaves alone what runs."""
        staging = self.folder / "staging"
        bundle.processes(staging)
        self._hooks("hooks", "prebuild", staging, "/var/app/staging")
        self._install(staging / "requirements.txt")
        for command in bundle.commands(staging):
            if leader or not command.leader_only:
                self._command(command)
        self._hooks("hooks", "predeploy", staging, "/var/app/staging")

    def swap(self) -> None:
        """The new bundle becomes the one that runs."""
        current = self.folder / "current"
        self.stop()
        shutil.rmtree(current, ignore_errors=True)
        (self.folder / "staging").rename(current)
        subprocess.run(["chown", "-R", "webapp:webapp", str(current)], check=True)
        self.start()
        self._hooks("hooks", "postdeploy", current, "/var/app/current")

    def reconfigure(self, environment: Mapping[str, str]) -> None:
        """The same bundle with other properties."""
        self.environment = environment
        current = self.folder / "current"
        for moment in ("prebuild", "predeploy"):
            self._hooks("confighooks", moment, current, "/var/app/current")
        self.stop()
        self.start()
        self._hooks("confighooks", "postdeploy", current, "/var/app/current")

    def start(self) -> None:
        self._stopping = threading.Event()
        for name, command in bundle.processes(self.folder / "current").items():
            threading.Thread(target=self._keep, args=(name, command, self._stopping), daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        running = list(self._processes.values())
        for process in running:
            _signal(process, signal.SIGTERM)
        for process in running:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()
        self._processes.clear()

    def end(self) -> None:
        self.stop()
        self.log.close()
        shutil.rmtree(self.folder / "current", ignore_errors=True)
        shutil.rmtree(self.folder / "staging", ignore_errors=True)

    def _keep(self, name: str, command: str, stopping: threading.Event) -> None:
        """As a systemd unit of the platform with Restart=always."""
        argv = self._inside("/var/app/current", *WEBAPP, "sh", "-c", command)
        with (self.folder / f"{name}.stdout.log").open("ab") as log:
            while not stopping.is_set():
                process = subprocess.Popen(
                    argv, env=self._env(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
                self._processes[name] = process
                if stopping.is_set():
                    _signal(process, signal.SIGTERM)
                process.wait()
                stopping.wait(RESTART_SECONDS)

    def _install(self, requirements: Path) -> None:
        """A virtual environment for each list of requirements, kept: on the platform each instance makes its own."""
        text = requirements.read_text() if requirements.exists() else ""
        made = ROOT / "venvs" / hashlib.sha256(text.encode()).hexdigest()[:16]
        if not (made / ".done").exists():
            shutil.rmtree(made, ignore_errors=True)
            self._run(["uv", "venv", "--quiet", "--python", "/usr/bin/python3", str(made)], download=True)
            if text:
                install = ["uv", "pip", "install", "--quiet", "--python", f"{made}/bin/python"]
                self._run([*install, "--requirement", str(requirements)], download=True)
            (made / ".done").touch()
        link = self.folder / "venv" / VENV.rpartition("/")[2]
        link.unlink(missing_ok=True)
        link.symlink_to(made)

    def _command(self, command: Command) -> None:
        cwd, env = command.cwd or "/var/app/staging", {**self._env(), **command.env}
        try:
            if command.test and subprocess.run(self._inside(cwd, "sh", "-c", command.test), env=env).returncode:
                return
            argv = command.command if isinstance(command.command, list) else ["sh", "-c", command.command]
            self._run(self._inside(cwd, *argv), env=env)
        except CommandError:
            if not command.ignore_errors:
                raise

    def _hooks(self, kind: str, moment: str, folder: Path, seen: str) -> None:
        for path in bundle.hooks(folder, kind, moment):
            self._run(self._inside(seen, f"{seen}/{path.relative_to(folder)}"))

    def _run(self, argv: Sequence[str], env: Mapping[str, str] | None = None, download: bool = False) -> None:
        self.log.write(f"--- {' '.join(argv)}\n".encode())
        self.log.flush()
        env = env or (dict(os.environ) if download else self._env())
        try:
            done = subprocess.run(
                argv, env=env, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, timeout=LIMIT
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            raise CommandError(str(error)) from None
        if done.returncode:
            raise CommandError(f"{argv[-1]} ended with {done.returncode}")

    def _inside(self, cwd: str, *argv: str) -> list[str]:
        return ["unshare", "--mount", "sh", "-c", PLACED, str(self.folder), cwd, *argv]

    def _env(self) -> dict[str, str]:
        return {"LANG": "C.UTF-8", **self.environment, "PATH": f"{VENV}/bin:{PATH}", "PORT": str(self.port)}


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
