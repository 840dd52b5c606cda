# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""git at Heroku: the key reaches the server, and nobody who looks at this machine."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_git import Remote
from tests.unit.plugins.module_utils._host.samples import commit, git
from tests.unit.plugins.module_utils._host.tiny_heroku import Said, Tiny

KEY = "correct-horse-battery"
TOKEN = base64.b64encode(f":{KEY}".encode()).decode()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    commit(tmp_path / "tree", {"Procfile": "release: x\nweb: y\n"})
    return tmp_path / "tree"


def test_the_key_is_in_a_header_and_in_no_argument(tree: Path, tiny: Tiny, tmp_path: Path, monkeypatch) -> None:
    real = Path("/usr/bin/git")
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/arguments\nexec {real} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:/usr/bin:/bin")
    tiny.answers["GET /blog.git/info/refs?service=git-upload-pack"] = Said(403, "No.")
    with pytest.raises(SlipwayError, match=r"Cannot read http://127\.0\.0\.1:\d+/blog\.git:") as caught:
        Remote(tree, f"{tiny.url}/blog.git", KEY).head()
    assert tiny.headers[0]["Authorization"] == f"Basic {TOKEN}"
    arguments = (tmp_path / "arguments").read_text()
    assert "ls-remote" in arguments
    for told in (arguments, str(caught.value)):
        assert KEY not in told and TOKEN not in told


def test_no_helper_of_this_machine_is_asked(tree: Path, tiny: Tiny, tmp_path: Path, monkeypatch) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(f'[credential]\n\thelper = "!touch {tmp_path}/asked; false"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    tiny.answers["GET /blog.git/info/refs?service=git-upload-pack"] = Said(401, "", {"WWW-Authenticate": "Basic"})
    with pytest.raises(SlipwayError):
        Remote(tree, f"{tiny.url}/blog.git", KEY).head()
    assert not (tmp_path / "asked").exists()


def test_a_refused_push_is_told_without_the_key(tree: Path, tiny: Tiny) -> None:
    tiny.answers["GET /blog.git/info/refs?service=git-receive-pack"] = Said(403, f"{KEY} {TOKEN}")
    head = git(tree, "rev-parse", "HEAD")
    with pytest.raises(SlipwayError, match="what was live stays live") as caught:
        Remote(tree, f"{tiny.url}/blog.git", KEY).push(head, "", 30)
    assert KEY not in str(caught.value) and TOKEN not in str(caught.value)


def test_commits_of_the_tree(tree: Path) -> None:
    remote = Remote(tree, "http://127.0.0.1:1/x.git", KEY)
    first = git(tree, "rev-parse", "HEAD")
    second = commit(tree, {"a": "1"})
    assert remote.has(first) and not remote.has("0" * 40)
    assert remote.types(first) == {"web"}
    assert remote.follows(second, first) and remote.follows(first, "")
    assert not remote.follows(first, second) and not remote.follows(first, "f" * 40)
    git(tree, "rm", "--quiet", "Procfile")
    assert remote.types(commit(tree, {"b": "1"})) is None
