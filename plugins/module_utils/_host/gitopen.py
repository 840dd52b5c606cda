# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open what `app_source` names: a folder is read where it lies, a URL through a bare mirror in the cache.

Credentials in a URL travel to git in an environment variable: not in an argument list that every
account can read, and not in the mirror's files.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from ansible_collections.slipway.flask.plugins.module_utils._core import gitsource
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import git

FETCH_SECONDS = 600
MIRROR_HEAD = "refs/slipway/HEAD"
_FETCHED = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", f"+HEAD:{MIRROR_HEAD}")
_WHOLE_COMMIT = re.compile(r"[0-9a-f]{40}")
_NO_QUESTIONS = "-o BatchMode=yes -o ConnectTimeout=20"


def open_source(source: str, version: str, mirrors: Path, environment: Mapping[str, str]) -> git.Repository:
    """The repository, brought up to date where it is a mirror. A commit that is already there needs no network."""
    if shutil.which("git") is None:
        raise SlipwayError("git is not installed on this machine. Type: apt install git")
    return _open_url(source, version, mirrors, environment) if gitsource.is_url(source) else _open_folder(source)


def _open_folder(source: str) -> git.Repository:
    folder = Path(source).expanduser()
    if not folder.is_absolute():
        raise SlipwayError(f"app_source is {source!r}: neither a git URL nor an absolute folder.")
    if not folder.is_dir():
        raise SlipwayError(f"app_source is {source!r}: there is no such folder on the controller.")
    asked = git.run(
        ["-C", str(folder), "rev-parse", "--is-inside-work-tree", "--show-prefix"], timeout=git.READ_SECONDS
    )
    if "dubious ownership" in asked.stderr:
        raise SlipwayError(
            f"git does not trust app_source {source!r}, because it belongs to another user. "
            f"If you trust it, type: git config --global --add safe.directory {folder}"
        )
    if not asked.ok:
        raise SlipwayError(
            f"app_source is {source!r}: that folder is not in a git repository. Type: git init, and commit."
        )
    inside, _newline, prefix = asked.stdout.partition("\n")
    return git.Repository(source, folder, prefix.strip("\n"), "HEAD", inside == "true")


def _open_url(source: str, version: str, mirrors: Path, environment: Mapping[str, str]) -> git.Repository:
    url, userinfo = gitsource.split_credentials(source)
    mirror = mirrors / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git"
    repository = git.Repository(gitsource.mask(url), mirror, head=MIRROR_HEAD)
    if not mirror.exists():
        mirrors.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = mirror.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        git.run(["init", "--quiet", "--bare", str(fresh)], timeout=git.READ_SECONDS)
        fresh.rename(mirror)
    if not _WHOLE_COMMIT.fullmatch(version) or not repository.git("cat-file", "-e", f"{version}^{{commit}}").ok:
        _fetch(repository, url, _access(url, userinfo, environment))
    return repository


def _fetch(repository: git.Repository, url: str, environment: Mapping[str, str]) -> None:
    arguments = ["-C", str(repository.folder), "fetch", "--quiet", "--prune", "--no-auto-gc", "--", url, *_FETCHED]
    done = git.run(arguments, timeout=FETCH_SECONDS, environment=environment)
    if done.timed_out:
        raise SlipwayError(f"{repository.name} did not answer within {FETCH_SECONDS} s.")
    if not done.ok:
        raise SlipwayError(
            f"Cannot fetch app_source {repository.name}: {_reason(done.stderr)}\nTry: git ls-remote {repository.name}"
        )


def _reason(stderr: str) -> str:
    said = (
        " ".join(
            line
            for line in gitsource.mask(stderr).splitlines()
            if line.startswith(("fatal:", "remote:", "error:", "ssh:"))
        )
        or stderr
    )
    if re.search(r"[Aa]uthentication failed|could not read (Username|Password)|Permission denied|403|401", said):
        return (
            f"{said}\nIt wants credentials: use an SSH key of this user (try ssh-add -l), a git credential helper, "
            "or https://TOKEN@... as app_source."
        )
    if "remote ref HEAD" in said:
        return "the repository has no commit yet."
    return said


def _access(url: str, userinfo: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which git may reach the network, and with whose name."""
    ssh = os.environ.get("GIT_SSH_COMMAND", "ssh")
    access = {
        **environment,
        "GIT_SSH_COMMAND": f"{ssh} {_NO_QUESTIONS}",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    }
    if userinfo:
        name, _colon, password = userinfo.partition(":")
        token = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
        access |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{url}.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {token}",
        }
    return access
