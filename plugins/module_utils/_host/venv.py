# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments named by their lock: made once, shared by releases, owned by root."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.advice import advise
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import HOST_FILE
from ansible_collections.slipway.flask.plugins.module_utils._host import files, state, uvfetch
from ansible_collections.slipway.flask.plugins.module_utils._host.command import run

INSTALL_SECONDS = 1800
COMPLETE = ".complete"


def download_environment() -> dict[str, str]:
    """How this host reaches a package index: proxy, index, certificates (`base_download_environment`)."""
    return dict((state.read(Path(HOST_FILE)) or {}).get("download_environment", {}))


def present(folder: Path) -> frozenset[str]:
    """The environments that were finished."""
    return frozenset(path.parent.name for path in folder.glob(f"*/{COMPLETE}"))


def make(folder: Path, lock: Path, python: str, user: str, cache: Path) -> None:
    """The environment `folder` with what `lock` says; who else is making one there is waited for, at most as long as
    its installing may take."""
    with files.alone(folder.parent):
        if not (folder / COMPLETE).exists():
            _make(folder, lock, python, user, cache)


def _make(folder: Path, lock: Path, python: str, user: str, cache: Path) -> None:
    """Install `lock`, hashes required, into the new environment `folder`.

    Building a source distribution runs its code: it runs as `user`, who owns nothing else. Root takes
    the result, and only then the mark is set that lets a release use it.
    """
    account = pwd.getpwnam(user)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chown(folder, account.pw_uid, account.pw_gid)
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(cache, account.pw_uid, account.pw_gid)
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(cache),
        "LANG": "C.UTF-8",
        "UV_CACHE_DIR": str(cache / "uv"),
        "UV_LINK_MODE": "copy",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        **download_environment(),
    }
    uv = str(installer())
    _run(
        [uv, "venv", "--quiet", "--allow-existing", "--python", f"/usr/bin/python{python}", str(folder)],
        user,
        environment,
    )
    wanted = ["--require-hashes", "--compile-bytecode", "--requirements", str(lock)]
    _run([uv, "pip", "install", "--quiet", "--python", str(folder / "bin/python"), *wanted], user, environment)
    own(folder)
    (folder / COMPLETE).touch()


def own(folder: Path) -> None:
    """Root takes a tree, without following a link out of it."""
    for parent, folders, entries in os.walk(folder):
        for name in ("", *folders, *entries):
            path = os.path.join(parent, name)
            os.chown(path, 0, 0, follow_symlinks=False)
            if not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode & 0o755)


def _run(argv: list[str], user: str, environment: Mapping[str, str]) -> None:
    result = run(argv, timeout=INSTALL_SECONDS, user=user, env=environment, cwd="/")
    if not result.ok:
        raise SlipwayError(advise(f"The locked packages cannot be installed on this host:\n{result.tail()}"))


def installer() -> Path:
    """uv; fetched when it is not there yet."""
    try:
        return uvfetch.fetch_on_host(download_environment())
    except uvfetch.Failed as error:
        raise SlipwayError(str(error)) from error
