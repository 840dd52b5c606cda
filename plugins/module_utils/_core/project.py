# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the project itself is installed, and not only what it requires; and what that takes.

An installed project brings what no folder of modules has: its commands, its plugins, its version. Its code is
still imported from the release, where build commands and shared paths have left their marks; the installed copy
comes last.
"""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Collection
from pathlib import PurePosixPath

from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

FOLDER = "project"
BUILD_FILES = ("pyproject.toml", "setup.py")
DEFAULT_BACKEND = ("setuptools>=40.8", "wheel")


def installs(asked: bool | None, module: str, paths: Collection[str], pyproject: str) -> bool:
    """`asked` None: only when it can be installed and `module`, which a server imports, is not in its root."""
    buildable = "setup.py" in paths or "build-system" in _read(pyproject)
    if asked and not buildable:
        raise SlipwayError(
            "app_install_project is true, but the project has no setup.py and no [build-system] in a pyproject.toml."
            " Commit one, or remove the line."
        )
    top = module.partition(".")[0]
    in_root = f"{top}.py" in paths or any(path.startswith(f"{top}/") for path in paths)
    return buildable and not in_root and bool(top) if asked is None else asked


def tools(pyproject: str) -> list[str]:
    """The packages that install it; they are locked with hashes like all others."""
    wanted = _read(pyproject).get("build-system", {}).get("requires", DEFAULT_BACKEND)
    return ["pip", *map(str, wanted)]


def folders_of_commit(app: App) -> list[str]:
    """Folders of app_static that nothing else makes: no build, no file of ours, no shared path."""
    if app.build_commands:
        return []
    made = [PurePosixPath(path) for path in (*app.shared, *(file.path for file in app.files))]
    wanted = {text: PurePosixPath(text) for text in app.static.values()}
    return [
        text
        for text, folder in wanted.items()
        if not any(folder.is_relative_to(path) or path.is_relative_to(folder) for path in made)
    ]


def judge_folders(folders: Collection[str], paths: Collection[str]) -> None:
    """Refuse folders of app_static that the commit does not have: every file in them would be missing."""
    for folder in folders:
        inside = posixpath.normpath(folder) + "/"
        # a path that is, or leads to, the folder itself is a link
        if inside != "./" and not any(path.startswith(inside) or inside.startswith(f"{path}/") for path in paths):
            raise SlipwayError(
                f"app_static names the folder {folder}, and the commit has no file in it (paths begin in app_subdir)."
                " Correct it. If a build makes it, write app_build_commands; if the app writes to it, app_shared."
            )


def install_command(python: str, source: str, target: str) -> list[str]:
    """Install the project in `source` into the folder `target`, without asking any index."""
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile", "--no-cache-dir"]
    return [python, "-m", "pip", "--disable-pip-version-check", "install", *options, "--target", target, source]


def import_path(source: str, target: str, has_src: bool) -> str:
    """PYTHONPATH of an installed project: the release's own code comes first."""
    return ":".join([source, *([f"{source}/src"] if has_src else []), target])


def _read(pyproject: str) -> dict[str, dict[str, list[str]]]:
    try:
        return tomllib.loads(pyproject)
    except tomllib.TOMLDecodeError as error:
        raise SlipwayError(f"pyproject.toml is not well-formed TOML: {error}.") from error
