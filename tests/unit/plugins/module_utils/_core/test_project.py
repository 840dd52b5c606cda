# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.app import describe
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.project import (
    folders_of_commit,
    import_path,
    install_command,
    installs,
    tools,
)

BUILDS = '[build-system]\nrequires = ["hatchling"]\n'
FLAT, SRC = ("shop/__init__.py", "pyproject.toml"), ("src/shop/__init__.py", "pyproject.toml")


@pytest.mark.parametrize(
    ("asked", "module", "paths", "pyproject", "found"),
    [
        (None, "shop", FLAT, BUILDS, False),
        (None, "shop.wsgi", SRC, BUILDS, True),
        (None, "shop", ("shop.py", "setup.py"), "", False),
        (None, "shop", ("src/shop.py", "setup.py"), "", True),
        (None, "shop", SRC, "[project]\n", False),
        (None, "", SRC, BUILDS, False),
        (True, "shop", FLAT, BUILDS, True),
        (False, "shop", SRC, BUILDS, False),
    ],
)
def test_the_project_is_installed_when_the_import_needs_it_or_somebody_says_so(asked, module, paths, pyproject, found):
    assert installs(asked, module, paths, pyproject) is found


def test_what_cannot_be_installed_is_said():
    with pytest.raises(SlipwayError, match=r"no setup.py and no \[build-system\]"):
        installs(True, "shop", FLAT, "")
    with pytest.raises(SlipwayError, match="not well-formed"):
        installs(None, "shop", SRC, "[build-system")


@pytest.mark.parametrize(
    ("pyproject", "found"), [(BUILDS, ["pip", "hatchling"]), ("", ["pip", "setuptools>=40.8", "wheel"])]
)
def test_what_installs_it_is_locked_like_the_rest(pyproject, found):
    assert tools(pyproject) == found


def test_installing_asks_no_index():
    argv = install_command("/venv/bin/python", "/tree", "/there")
    assert argv[:3] == ["/venv/bin/python", "-m", "pip"] and argv[-3:] == ["--target", "/there", "/tree"]
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(argv)


def test_the_code_of_the_release_comes_first():
    assert import_path("/s", "/p", True) == "/s:/s/src:/p"
    assert import_path("/s", "/p", False) == "/s:/p"


@pytest.mark.parametrize(
    ("further", "folders"),
    [
        ({}, ["static", "up/load"]),
        ({"app_build_commands": ["npm run build"]}, []),
        ({"app_shared": ["up"]}, ["static"]),
        ({"app_files": {"static/robots.txt": "x"}}, ["up/load"]),
    ],
)
def test_folders_that_the_commit_itself_has_to_have(further: dict[str, Any], folders: list[str]) -> None:
    least = {"app_name": "blog", "app_source": "/src"}
    app = describe({**least, "app_static": {"/static": "static", "/up": "up/load"}, **further})
    assert folders_of_commit(app) == folders
