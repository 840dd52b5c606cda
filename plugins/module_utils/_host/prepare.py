# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put a release and an activation on this host, without any effect on what it serves."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import ARTIFACT_NAME, LOCK_NAME
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.request import Request
from ansible_collections.slipway.flask.plugins.module_utils._host import bundle, state, venv
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App
from ansible_collections.slipway.flask.plugins.module_utils._host.tree import WORK


def clean(app: App) -> None:
    """Remove what killed runs left: unfinished work never has its final name."""
    for folder in (app.layout.releases, app.layout.activations):
        shutil.rmtree(Path(folder) / WORK, ignore_errors=True)
    shutil.rmtree(app.layout.incoming, ignore_errors=True)
    for path in unnamed(app):
        path.unlink(missing_ok=True)


def unnamed(app: App) -> list[Path]:
    """Files and links that were not yet renamed to what they shall be."""
    return [path for folder in (app.layout.root, app.layout.state) for path in Path(folder).glob("*.*.new")]


def receive(app: App, request: Request, package: bundle.Package) -> Path:
    """Open the bundle and verify it; the folder of its parts."""
    folder = Path(app.layout.incoming)
    bundle.open_bundle(package, folder)
    bundle.verify(app, folder)
    recipe = request.recipe
    for name, asked in ((ARTIFACT_NAME, recipe.artifact), (LOCK_NAME, recipe.lock)):
        came = bundle.sha256(folder / name)
        if came != asked:
            raise SlipwayError(
                f"{name} is not what this run asked for: sha256 {came[:12]} came, {asked[:12]} was asked for."
            )
    return folder


def install(app: App, lock: Path, python: str, key: str) -> None:
    """The environment of that lock, which may have been begun before the release came."""
    cache = Path("/var/cache/slipway") / app.layout.name
    venv.make(Path(app.layout.venvs) / key, lock, python, app.build_user, cache)


def make_activation(app: App, request: Request, wanted: Wanted) -> None:
    """The release with an environment that only root and the app's group can read."""
    work = Path(app.layout.activations) / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o755)
    (work / "release").symlink_to(f"../../releases/{wanted.release}")
    group = pwd.getpwnam(app.user).pw_gid
    state.write(work / "environment.json", state.dumps(dict(request.setting.environment)), mode=0o640, group=group)
    setting = request.setting
    about = {
        "activation": wanted.activation,
        "release": wanted.release,
        "venv": wanted.venv,
        "health_path": setting.health_path,
        "host": setting.host,
        "programs": dict(setting.programs),
        "init_commands": setting.init_commands,
        "migrate_commands": setting.migrate_commands,
        "secret_names": sorted(set(setting.environment) - set(request.public)),
    }
    state.write(work / "activation.json", state.dumps(about), mode=0o644)
    os.rename(work, Path(app.layout.activations) / wanted.activation)
    state.sync_folder(Path(app.layout.activations))
