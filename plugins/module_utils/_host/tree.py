# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the tree of a release: what the commit has, what we add, what the build makes. In the end root owns it."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path, PurePath, PurePosixPath

from ansible_collections.slipway.flask.plugins.module_utils._core import project, wsgi
from ansible_collections.slipway.flask.plugins.module_utils._core.archive import stays_inside
from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import ARTIFACT_NAME, LOCK_NAME
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.identity import AppFile
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.request import Request
from ansible_collections.slipway.flask.plugins.module_utils._host import bundle, commands, state, unpack, venv
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App

WORK = ".work"


def make_release(app: App, request: Request, parts: Path, wanted: Wanted) -> None:
    """Unpack, add our files, build, hand over to root; then one rename makes it a release."""
    recipe = request.recipe
    work = Path(app.layout.releases) / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o755)
    source = work / "source"
    unpack.unpack(parts / ARTIFACT_NAME, source)
    for name in (LOCK_NAME, bundle.RECORD, bundle.SIGNATURE):
        shutil.copyfile(parts / name, work / name)
    (work / "venv").symlink_to(f"../../venvs/{wanted.venv}")
    for path in recipe.shared:
        _share(app, source, PurePath(path))
    # build commands see the plain files and never the secret ones
    for file in (file for file in recipe.files if not file.secret):
        _place(app, source, file)
    _build(app, request, source, Path(app.layout.venvs) / wanted.venv)
    for file in (file for file in recipe.files if file.secret):
        _place(app, source, file)
    if recipe.wsgi:
        (work / wsgi.SHIM_NAME).write_text(wsgi.render_shim(wsgi.parse(recipe.wsgi)), encoding="utf-8")
    facts = {**request.facts, "release": wanted.release, "commit": recipe.commit, "artifact": recipe.artifact}
    (work / "release.json").write_text(
        state.dumps({**facts, "lock": recipe.lock, "python": recipe.python}), encoding="utf-8"
    )
    unpack.sync_tree(work)
    os.rename(work, Path(app.layout.releases) / wanted.release)
    state.sync_folder(Path(app.layout.releases))


def _share(app: App, source: Path, name: PurePath) -> None:
    """Replace a path of the release by a link to what outlives it; what the commit has there is its first content."""
    outside, inside = Path(app.layout.shared) / name, source / name
    _stay(source, inside)
    account = pwd.getpwnam(app.user)
    if not outside.exists():
        outside.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = outside.with_name(f".{outside.name}.new")
        _remove(fresh)
        if inside.is_file():
            shutil.copyfile(inside, fresh)
        elif inside.is_dir() and not inside.is_symlink():
            shutil.copytree(inside, fresh, symlinks=True)
        else:
            fresh.mkdir(mode=0o750)
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        unpack.sync_tree(fresh)
        os.rename(fresh, outside)
    _remove(inside)
    inside.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    inside.symlink_to(outside)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _place(app: App, source: Path, file: AppFile) -> None:
    """A file of `app_files`; a secret one can be read by the app's group and nobody else."""
    target = source / file.path
    _stay(source, target)
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    mode, group = (0o640, pwd.getpwnam(app.user).pw_gid) if file.secret else (int(file.mode, 8), -1)
    state.write(target, file.content, mode=mode, group=group)


def _stay(source: Path, target: Path) -> None:
    """The commit may hold links: what we add must not be written through one."""
    for parent in target.relative_to(source).parents:
        if (source / parent).is_symlink():
            raise SlipwayError(
                f"{target.relative_to(source)} lies behind the link {parent} of the commit; name the folder itself."
            )


def _build(app: App, request: Request, source: Path, environment: Path) -> None:
    """Build as a user without any right elsewhere, then refuse links that lead out before root takes the tree."""
    account = pwd.getpwnam(app.build_user)
    for folder, folders, files in os.walk(source):
        for name in ("", *folders, *files):
            os.chown(os.path.join(folder, name), account.pw_uid, account.pw_gid, follow_symlinks=False)
    commands.build(source, environment, app.build_user, request.recipe.build_commands, request.public)
    if request.recipe.install_project:
        _install(app, source, environment)
    commands.compile_source(source, environment, app.build_user)
    shared = {str(PurePath(path)) for path in request.recipe.shared}
    for path in source.rglob("*"):
        relative = path.relative_to(source)
        if (
            path.is_symlink()
            and str(relative) not in shared
            and not stays_inside(PurePosixPath(relative), os.readlink(path))
        ):
            raise SlipwayError(
                f"The build made {relative}, a link out of the release to {os.readlink(path)}. Make it a relative one."
            )
    venv.own(source)


def _install(app: App, source: Path, environment: Path) -> None:
    """The project itself, beside its source: built from what the build commands have left there."""
    account, target = pwd.getpwnam(app.build_user), source.parent / project.FOLDER
    target.mkdir(mode=0o755)
    os.chown(target, account.pw_uid, account.pw_gid)
    commands.install(source, target, environment, app.build_user)
    venv.own(target)
