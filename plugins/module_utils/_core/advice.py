# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to type when an application's own words say what it lacks on a host."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

_FORBIDDEN = re.compile(r"(?:Permission denied|Read-only file system): b?'([^']+)'")
_SQLITE = re.compile(r"unable to open database file|attempt to write a readonly database")
_METADATA = re.compile(r"No package metadata was found for (\S+)|The '(\S+)' distribution was not found")
_MODULE = re.compile(r"ModuleNotFoundError: No module named '([^']+)'")
_HEADER = re.compile(r"fatal error: (\S+\.h): No such file or directory")
_COMPILER = re.compile(
    r"command '\S*(?:gcc|cc|g\+\+)\S*' failed: No such file|(?:gcc|cc|g\+\+): not found"
    r"|(?:gcc|cc|g\+\+)['\"`]?: No such file|No C compiler|Unknown compiler|pkg-config: not found"
)
_CONFIGURE = re.compile(r"(\w+[-_]config)(?: executable)? not found|(\w+[-_]config): (?:command )?not found")
_SOURCE = re.compile(r"^.*/releases/[^/]+/source/")


_GATE = "The machine that runs the gate compiles it too, and needs the same."


def advise(text: str) -> str:
    """The text, and below it what to set; the text alone when its words say nothing that is known here."""
    found = [advice for rule in _RULES if (advice := rule(text))]
    return "\n".join([text, *found])


def _folder(text: str) -> str:
    match = _FORBIDDEN.search(text)
    if not match:
        return ""
    path = match[1]
    inside = not path.startswith("/") or bool(_SOURCE.match(path))
    relative = posixpath.normpath(_SOURCE.sub("", path))
    if not inside:
        return f"The app may not write {path}: it may write to its shared paths, its home and /tmp."
    folder = posixpath.dirname(relative) or relative
    return (
        f"The app may not write {relative}: the code of a release is read-only. When {folder} is a folder that shall"
        f" outlive releases, write app_shared: [{folder}]; a single file has to go into such a folder."
    )


def _database(text: str) -> str:
    if not _SQLITE.search(text):
        return ""
    return (
        "SQLite cannot write where its database is. Write the folder of the database into app_shared, or name a file in"
        " shared/data by the application's own setting (DATABASE_URL in app_environment is such a file by default)."
    )


def _installed(text: str) -> str:
    if not _METADATA.search(text):
        return ""
    return "When that is the project itself, write app_install_project: true."


def _package(text: str) -> str:
    match = _MODULE.search(text)
    if not match:
        return ""
    return (
        f"When {match[1]} is a package, put it into the requirements or into app_packages; when it is of the project,"
        " write app_install_project: true, or app_subdir for the folder it is in."
    )


def _compiler(text: str) -> str:
    tool = _CONFIGURE.search(text)
    header = _HEADER.search(text)
    lacks = header[1] if header else next((name for name in tool.groups() if name), "") if tool else ""
    if lacks and lacks != "Python.h":
        return (
            f"A package is compiled and wants {lacks}. Write the Debian package that has it into app_system_packages,"
            f" base_build_tools: true, and run site. {_GATE}"
        )
    if lacks or _COMPILER.search(text):
        return "A package is compiled, and there is no compiler. Write base_build_tools: true, and run site. " + _GATE
    return ""


_RULES: tuple[Callable[[str], str], ...] = (_folder, _database, _installed, _package, _compiler)
