# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the application's own commands: with its release, its environment and its user, and never as root."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.advice import advise
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import LOCK_HOLDER
from ansible_collections.slipway.flask.plugins.module_utils._core.project import install_command
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import SHIM_NAME
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App
from ansible_collections.slipway.flask.plugins.module_utils._host.command import Result, run

COMMAND_SECONDS = 1800
# for a migration of somebody who does not deploy through us to end
LOCK_SECONDS = 300
LOAD_SECONDS = 120
SHOWN_LINES = 30
OUR_FRAMES = ('  File "<string>"', '  File "<frozen runpy>"')
SOURCE = re.compile(r"/\S*?/releases/[^/\s]+/source/")


def command(app: App, activation: str, text: str) -> None:
    """One shell command of the app (init, migrate), as the app's user in the activation, while nobody else does."""
    alone = ["python", LOCK_HOLDER, "--wait", str(LOCK_SECONDS), "migrate"]
    _judge(text, launched(app, activation, [*alone, "sh", "-c", text], LOCK_SECONDS + COMMAND_SECONDS))


def load(app: App, activation: str) -> None:
    """Import the application once, as a server would; an app that cannot load is told apart from one that is unwell."""
    if not (Path(app.layout.activations) / activation / "release" / SHIM_NAME).exists():
        return
    source = "import os, runpy; runpy.run_path(os.environ['SLIPWAY_SHIM'])"
    _judge("loading the application (app_wsgi)", launched(app, activation, ["python", "-c", source], LOAD_SECONDS))


def launched(app: App, activation: str, argv: Sequence[str], seconds: float) -> Result:
    """As the app's user in what its programs see of the disk: their /tmp, and neither system nor homes to write to."""
    master = (Path(app.layout.run) / "supervisord.pid").read_text(encoding="ascii").strip()
    inside = ["nsenter", "--target", master, "--mount", "--", "setpriv", "--reuid", app.user, "--regid", app.user]
    return run([*inside, "--init-groups", *app.launcher(activation, *argv)], timeout=seconds, env={}, cwd="/")


def build(folder: Path, venv: Path, user: str, commands: Sequence[str], environment: Mapping[str, str]) -> None:
    """The build commands of a release, by a user that owns nothing but `folder`, without any secret."""
    variables = {
        "PATH": f"{venv}/bin:/usr/local/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": str(venv),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{folder}:{folder}/src",
        "FLASK_DEBUG": "0",
        **{name: value.replace("${SLIPWAY_SOURCE}", str(folder)) for name, value in environment.items()},
    }
    for text in commands:
        _judge(text, run(["sh", "-c", text], timeout=COMMAND_SECONDS, user=user, env=variables, cwd=folder))


def install(source: Path, target: Path, venv: Path, user: str) -> None:
    """The project itself into `target`; its build is code of the application like its build commands."""
    variables = {"PATH": f"{venv}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(target), "LANG": "C.UTF-8"}
    argv = install_command(f"{venv}/bin/python", str(source), str(target))
    result = run(argv, timeout=COMMAND_SECONDS, user=user, env=variables, cwd=source)
    _judge("installing the project (app_install_project)", result)


def compile_source(folder: Path, venv: Path, user: str | None) -> None:
    """Bytecode for what can be compiled: a process may not write it, so each would compile the application anew.

    By hash and not by time: secret files come later and may replace what the commit has. What cannot be compiled may
    be no code of this Python at all; loading the application tells.
    """
    argv = [f"{venv}/bin/python", "-I", "-m", "compileall", "-qq", "--invalidation-mode", "checked-hash", str(folder)]
    run(argv, timeout=COMMAND_SECONDS, user=user, env={"PATH": "/usr/bin:/bin", "HOME": str(folder)}, cwd=folder)


def _judge(what: str, result: Result) -> None:
    if result.timed_out:
        raise SlipwayError(f"{what}: no end after {result.seconds:.0f} s\n{shown(result.tail(SHOWN_LINES))}")
    if not result.ok:
        raise SlipwayError(f"{what}: exit status {result.status}\n{advise(shown(result.tail(SHOWN_LINES)))}")


def shown(text: str) -> str:
    """As a developer knows it: paths within the project, and no frames of ours."""
    lines = [line for line in text.splitlines() if not line.startswith(OUR_FRAMES)]
    return SOURCE.sub("", "\n".join(lines))
