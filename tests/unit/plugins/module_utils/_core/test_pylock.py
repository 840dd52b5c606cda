# SPDX-License-Identifier: GPL-3.0-or-later
"""pylock.toml as requirements."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import lockfile, pylock
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

PYLOCK = """
lock-version = "1.0"
[[packages]]
name = "flask"
version = "3.1.0"
marker = "python_version >= '3.9'"
sdist = {name = "f.tar.gz", hashes = {sha256 = "bb"}}
wheels = [{name = "f.whl", hashes = {sha256 = "aa"}}, {name = "g.whl", hashes = {md5 = "x"}}]
[[packages]]
name = "me"
directory = {path = "."}
"""


def test_versions_markers_and_hashes_are_kept() -> None:
    text = pylock.requirements(PYLOCK)
    assert text == "flask==3.1.0 ; python_version >= '3.9' --hash=sha256:aa --hash=sha256:bb\n"
    assert lockfile.problems(text) == []


def test_an_empty_lock() -> None:
    assert pylock.requirements("") == ""


@pytest.mark.parametrize(("text", "part"), [("[", "TOML"), ('[[packages]]\nname = "x"\nvcs = {}', "x has no version")])
def test_what_cannot_be_locked_is_said(text: str, part: str) -> None:
    with pytest.raises(SlipwayError, match=part):
        pylock.requirements(text)
