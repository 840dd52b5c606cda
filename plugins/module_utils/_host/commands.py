# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the application's own commands: with its release, its environment and its user, and never as root."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App
from ansible_collections.slipway.flask.plugins.module_utils._host.command import Result, run

COMMAND_SECONDS = 1800
LOAD_SECONDS = 120
SHOWN_LINES = 30
OUR_FRAMES = ('  File "<string>"', '  File "<frozen runpy>"')
SOURCE = re.compile(r"/\S*?/releases/[^/\s]+/source/")


def command(app: App, activation: str, text: str) -> None:
    """One shell command of the app (init, migrate), as the app's user in the activation."""
    result = run(app.launcher(activation, "sh", "-c", text), timeout=COMMAND_SECONDS, user=app.user, env={}, cwd="/")
    _judge(text, result)


def load(app: App, activation: str) -> None:
    """Import the application once, as a server would; an app that cannot load is told apart from one that is unwell."""
    source = "import os, runpy; runpy.run_path(os.environ['SLIPWAY_SHIM'])"
    result = run(app.launcher(activation, "python", "-c", source), timeout=LOAD_SECONDS, user=app.user, env={}, cwd="/")
    _judge("loading the application (app_wsgi)", result)


def build(folder: Path, venv: Path, user: str, commands: Sequence[str], environment: Mapping[str, str]) -> None:
    """The build commands of a release, by a user that owns nothing but `folder`, without any secret."""
    variables = {
        "PATH": f"{venv}/bin:/usr/local/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": str(venv),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(folder),
        "FLASK_DEBUG": "0",
        **environment,
    }
    for text in commands:
        _judge(text, run(["sh", "-c", text], timeout=COMMAND_SECONDS, user=user, env=variables, cwd=folder))


def _judge(what: str, result: Result) -> None:
    if result.timed_out:
        raise SlipwayError(f"{what}: no end after {result.seconds:.0f} s\n{shown(result.tail(SHOWN_LINES))}")
    if not result.ok:
        raise SlipwayError(f"{what}: exit status {result.status}\n{shown(result.tail(SHOWN_LINES))}")


def shown(text: str) -> str:
    """As a developer knows it: paths within the project, and no frames of ours."""
    lines = [line for line in text.splitlines() if not line.startswith(OUR_FRAMES)]
    return SOURCE.sub("", "\n".join(lines))
