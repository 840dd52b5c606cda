# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources behind URLs: mirrored, without a question asked or a credential left anywhere."""

from __future__ import annotations

import base64
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import gitopen
from tests.unit.plugins.module_utils._host.samples import commit, git

PASSWORD = "correct-horse"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    commit(tmp_path / "source", {"a": "1"})
    return tmp_path / "source"


def test_a_mirror_follows_its_source(source: Path, tmp_path: Path) -> None:
    url, mirrors = f"file://{source}", tmp_path / "mirrors"
    first = gitopen.open_source(url, "HEAD", mirrors, {}).resolve("HEAD", "")
    git(source, "checkout", "--quiet", "-b", "topic")
    second = commit(source, {"a": "2"})
    repository = gitopen.open_source(url, "topic", mirrors, {})
    assert repository.resolve("topic", "").commit == second
    assert repository.resolve("HEAD", "").commit == second
    assert repository.resolve("main", "").commit == first.commit
    assert repository.dirty("") == []
    assert mirrors.stat().st_mode & 0o777 == 0o700


def test_a_commit_that_is_there_needs_no_source(source: Path, tmp_path: Path) -> None:
    url, mirrors = f"file://{source}", tmp_path / "mirrors"
    wanted = gitopen.open_source(url, "HEAD", mirrors, {}).resolve("HEAD", "").commit
    shutil.rmtree(source)
    assert gitopen.open_source(url, wanted, mirrors, {}).resolve(wanted, "").commit == wanted
    with pytest.raises(SlipwayError, match="Cannot fetch app_source file://"):
        gitopen.open_source(url, "main", mirrors, {})


def test_a_half_made_mirror_is_made_anew(source: Path, tmp_path: Path) -> None:
    url, mirrors = f"file://{source}", tmp_path / "mirrors"
    gitopen.open_source(url, "HEAD", mirrors, {})
    whole = next(mirrors.iterdir())
    whole.rename(whole.with_suffix(".new"))
    (whole.with_suffix(".new") / "HEAD").unlink()
    assert gitopen.open_source(url, "HEAD", mirrors, {}).resolve("HEAD", "")


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(SlipwayError, match="no commit yet"):
        gitopen.open_source(f"file://{tmp_path}/empty", "HEAD", tmp_path / "mirrors", {})


@pytest.mark.parametrize("url", ["ext::sh -c id", "unknown://host/x"])
def test_a_protocol_that_runs_programs_is_not_taken(url: str, tmp_path: Path) -> None:
    with pytest.raises(SlipwayError):
        gitopen.open_source(url, "HEAD", tmp_path / "mirrors", {})


class Guarded(http.server.SimpleHTTPRequestHandler):
    """A web server that gives a repository to whoever knows the password."""

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") == wanted:
            super().do_GET()
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=git")
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def guarded(source: Path, tmp_path: Path) -> Iterator[str]:
    git(tmp_path, "clone", "--quiet", "--bare", str(source), "served.git")
    git(tmp_path / "served.git", "update-server-info")
    handler = lambda *arguments: Guarded(*arguments, directory=str(tmp_path))  # noqa: E731
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}/served.git"
        server.shutdown()


def test_credentials_open_the_door_and_stay_nowhere(guarded: str, tmp_path: Path) -> None:
    mirrors = tmp_path / "mirrors"
    repository = gitopen.open_source(f"http://robot:{PASSWORD}@{guarded}", "HEAD", mirrors, {})
    assert repository.resolve("HEAD", "").subject == "A commit"
    assert PASSWORD not in repository.name
    token = base64.b64encode(f"robot:{PASSWORD}".encode())
    for path in mirrors.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes()
            assert token not in path.read_bytes()


@pytest.mark.parametrize("userinfo", ["", "robot:wrong-one@"])
def test_a_refusal_asks_nobody_and_says_what_to_do(guarded: str, userinfo: str, tmp_path: Path) -> None:
    with pytest.raises(SlipwayError) as caught:
        gitopen.open_source(f"http://{userinfo}{guarded}", "HEAD", tmp_path / "mirrors", {})
    assert "wants credentials" in str(caught.value)
    assert "wrong-one" not in str(caught.value)


def test_a_host_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SlipwayError, match=r"Cannot fetch app_source http://127\.0\.0\.1:1/x\.git: .*fatal"):
        gitopen.open_source("http://robot:secret@127.0.0.1:1/x.git", "HEAD", tmp_path / "mirrors", {})
