# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of paths: inside a project, and on a host."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import matching, text
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

_ABSOLUTE = matching(r"/[A-Za-z0-9._/-]+", "an absolute path of letters, digits, dots and dashes, such as /srv/blog")
_SYSTEM = ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "proc", "root", "run", "sbin", "sys", "tmp", "usr")
_IN_VAR = ("backups", "cache", "lib", "local", "lock", "log", "mail", "opt", "run", "spool", "tmp", "www")
_SYSTEM_IN_VAR = [["var", name] for name in _IN_VAR]


def relative(label: str, value: object) -> Iterator[str]:
    """A path that stays where it is put."""
    wrong = list(text(label, value))
    path = str(value)
    if not wrong and (path.startswith(("/", "~", "-")) or ".." in path.split("/") or not path.isprintable()):
        wrong = [f"{seen(label, value)}: write a path inside the project, without .., such as instance/uploads."]
    yield from wrong


def inner(label: str, value: object) -> Iterator[str]:
    """A relative path that is not the whole project."""
    wrong = list(relative(label, value))
    if not wrong and posixpath.normpath(str(value)) == ".":
        wrong = [f"{seen(label, value)}, the whole project: write a path inside it."]
    yield from wrong


def own_folder(label: str, value: object) -> Iterator[str]:
    """An absolute path that belongs to nobody else on a Debian host."""
    wrong = list(_ABSOLUTE(label, value))
    parts = [part for part in str(value).split("/") if part]
    if not wrong and ".." in parts:
        wrong = [f"{seen(label, value)}: write it without .. in it."]
    elif not wrong and (len(parts) < 2 or parts[0] in _SYSTEM or parts in _SYSTEM_IN_VAR):
        wrong = [
            f"{seen(label, value)}, which belongs to the system: write a folder for the app alone, like /srv/blog."
        ]
    yield from wrong
