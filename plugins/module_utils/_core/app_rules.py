# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each variable of an app has to look like: one row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import programs, testplan, wsgi
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    flag,
    free_text,
    keyed,
    listed,
    matching,
    record,
    text,
    whole,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.path_checks import inner, own_folder, relative
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen


def optional(each: Check) -> Check:
    """As `each`, or the empty string."""
    return lambda label, value: iter(()) if value == "" else each(label, value)


def _address(label: str, value: object) -> Iterator[str]:
    wrong = list(text(label, value))
    try:
        if not wrong:
            wsgi.parse(str(value))
    except SlipwayError as error:
        wrong = [str(error)]
    yield from wrong


def _auto_or_flag(label: str, value: object) -> Iterator[str]:
    if value != "auto" and list(flag(label, value)):
        yield f"{seen(label, value)}: write auto, true or false."


def _port(label: str, value: object) -> Iterator[str]:
    """Ten in a row, none of which only root may take."""
    if list(whole(1024)(label, value)) or int(str(value)) > 65526:
        yield f"{seen(label, value)}: write a port from 1024 to 65526, such as 8100."


def _requirements(label: str, value: object) -> Iterator[str]:
    if isinstance(value, (list, tuple)) and value:
        yield f"{seen(label, value)}: write auto, one path, or [] for none. Single packages go into app_packages."
    elif not isinstance(value, (list, tuple)) and value != "[]":
        yield from inner(label, value)


def _file(label: str, value: object) -> Iterator[str]:
    """The content alone, or a record; an entry without content would ship an empty file without a word."""
    if isinstance(value, str):
        return
    yield from record({"content": free_text, "secret": flag, "mode": _MODE})(label, value)
    if isinstance(value, Mapping) and value.get("content") is None:
        yield f"{label} has no content: write content: ..."


def _processes(label: str, value: object) -> Iterator[str]:
    if value != testplan.AUTO and list(whole(1)(label, value)):
        yield f"{seen(label, value)}: write a number of processes, 1 or more, or auto for the number of cores."


def _tests(label: str, value: Any) -> Iterator[str]:
    wrong = list(record(_TEST_KEYS)(label, value))
    if not wrong:
        given = {key: entry for key, entry in value.items() if entry is not None}
        command = given.get("command") or given.get("runner") == "command"
        wrong = list(whole(0 if command else 1)(f"{label}.minimum", given.get("minimum", 1)))
        parts = {
            "runner": given.get("runner", "auto"),
            "path": given.get("path", ""),
            "processes": given.get("processes", 1),
            "command": tuple(given.get("command", ())),
        }
        wrong += [f"{label}: {problem}." for problem in testplan.problems(testplan.AppTest(**parts))]
    yield from wrong


_MODE = matching(r"0[0-7]{3}", 'the mode as four digits in quotes, such as mode: "0640"')
SYSTEM_USER = matching(r"(?!root$)[a-z_][a-z0-9_-]{0,30}", "a system user of the app's own, not root, such as app-blog")
_VARIABLE = matching(r"[A-Za-z_][A-Za-z0-9_]*", "letters, digits and underscores, such as DATABASE_URL")
_PREFIX = matching(r"/[^\s?#]*", "a URL prefix that begins with a slash, such as /static")
_LABEL = r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = matching(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*", "a host name alone, such as blog.example.org")
_PROGRAM = matching(r"(?!trial)[a-z][a-z0-9-]{0,30}", "letters, digits and dashes, not trial, such as scheduler")
_PACKAGE = matching(r"[A-Za-z0-9][^\s;|&`$]*( *[<>=!~@;].*)?", "a Python package, such as psycopg[binary]>=3.1")
_TEST_PACKAGE = matching(
    r"-r [A-Za-z0-9._/-]+|[A-Za-z0-9][^\s;|&`$]*( *[<>=!~@;].*)?", "a Python package, or -r FILE of the project"
)
ENVIRONMENT = keyed(_VARIABLE, free_text)

_TEST_KEYS: Mapping[str, Check] = {
    "enabled": flag,
    "runner": matching("auto|unittest|pytest|command", "auto, unittest, pytest or command"),
    "command": listed(text),
    "path": optional(relative),
    "processes": _processes,
    "arguments": listed(text),
    "requirements": listed(_TEST_PACKAGE),
    "minimum": whole(0),
    "timeout": whole(1),
    "environment": ENVIRONMENT,
}

RULES: Mapping[str, Check] = {
    "app_name": matching(r"[a-z][a-z0-9-]{1,22}[a-z0-9]", "3 to 24 of a-z, 0-9 and -, first a letter, such as my-blog"),
    "app_source": matching(r"[^-\s][^\n]*", "a git URL, or a folder on this machine relative to the inventory"),
    "app_version": matching(r"[^-\s][^\s~^:?*\[\\]*", "a branch, a tag or a commit, such as main or v1.2"),
    "app_subdir": optional(relative),
    "app_python": optional(matching(r"3\.[0-9]{1,2}", 'a minor version in quotes, such as "3.11"')),
    "app_wsgi": _address,
    "app_requirements": _requirements,
    "app_extras": listed(matching(r"[A-Za-z0-9][A-Za-z0-9._-]*", "the name of an extra, such as postgres")),
    "app_install_project": _auto_or_flag,
    "app_packages": listed(_PACKAGE),
    "app_system_packages": listed(matching(r"[a-z0-9][a-z0-9+.-]+", "the name of a Debian package, such as libpq5")),
    "app_test": _tests,
    "app_environment": ENVIRONMENT,
    "app_secrets": ENVIRONMENT,
    "app_files": keyed(inner, _file),
    "app_build_commands": listed(text),
    "app_init_commands": listed(text),
    "app_migrate_destructive": flag,
    "app_migrate_dump": flag,
    "app_migrate_commands": listed(text),
    "app_programs": keyed(_PROGRAM, programs.judge),
    "app_port": _port,
    "app_static": keyed(_PREFIX, relative),
    "app_shared": listed(inner),
    "app_health_path": matching(r"/[!-~]*", "a path that begins with a slash, such as /healthz"),
    "app_domains": listed(_DOMAIN),
    "app_keep_releases": whole(2),
    "app_user": optional(SYSTEM_USER),
    "app_root": optional(own_folder),
    "app_state": matching("present|absent", "present or absent"),
    "app_delete_data": free_text,
}
