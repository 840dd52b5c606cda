# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application as its user describes it: read once, judged whole, and from then on never doubted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge, truth
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.identity import AppFile
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import SERVES, commands
from ansible_collections.slipway.flask.plugins.module_utils._core.testplan import AppTest
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES

_REQUIRED = (("app_name", "my-blog"), ("app_source", "https://git.example.org/my-blog.git"))


class DescriptionError(SlipwayError):
    """Everything that is wrong with a description, all of it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class App:
    """Each field is the variable `app_<field>`, of one type and with nothing left out."""

    name: str
    source: str
    version: str
    subdir: str
    python: str
    wsgi: str  # "" when a program called web serves the site
    requirements: str | None  # "auto", a path, or None: the app needs none
    extras: tuple[str, ...]
    install_project: bool | None  # None: when what app_wsgi names is not in the project's root
    packages: tuple[str, ...]
    system_packages: tuple[str, ...]
    test: AppTest
    environment: Mapping[str, str] = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)
    files: tuple[AppFile, ...]
    build_commands: tuple[str, ...]
    init_commands: tuple[str, ...]
    migrate_commands: tuple[str, ...]
    migrate_destructive: bool
    migrate_dump: bool
    programs: Mapping[str, str]  # name -> command
    port: int
    static: Mapping[str, str]
    shared: tuple[str, ...]
    health_path: str
    domains: tuple[str, ...]
    keep_releases: int
    user: str
    root: str
    state: str
    delete_data: str


def describe(raw: Mapping[str, object]) -> App:
    """The app that these variables describe. Other names in `raw` are left alone."""
    given = {name: value for name, value in raw.items() if name in RULES}
    missing = [f"{name} is missing: write {name}: {example}" for name, example in _REQUIRED if name not in given]
    problems = [*missing, *judge(RULES, given), *_together(given)]
    if problems:
        raise DescriptionError(problems)
    settled: dict[str, Any] = {name: VARIABLES[name].default for name in RULES} | given
    if SERVES in settled["app_programs"]:
        settled["app_wsgi"] = ""
    settled["app_user"] = settled["app_user"] or f"app-{settled['app_name']}"
    settled["app_root"] = settled["app_root"] or f"/srv/{settled['app_name']}"
    return App(**{name.removeprefix("app_"): _BUILD.get(name, _plain)(value) for name, value in settled.items()})


def public(app: App) -> dict[str, Any]:
    """The description as plain data that anybody may see: of secrets the names, of files no content."""
    # lists for tuples, too: templates of ansible-core 2.19 add them to nothing else
    shown: dict[str, Any] = json.loads(json.dumps(asdict(app)))
    shown["requirements"] = [] if app.requirements is None else app.requirements
    shown["install_project"] = "auto" if app.install_project is None else app.install_project
    shown["secrets"] = sorted(app.secrets)
    shown["files"] = {file.path: {"secret": file.secret, "mode": file.mode} for file in app.files}
    return shown


def _together(given: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong only between two variables that are right each for itself."""
    open_names, secret_names = (given.get(name) for name in ("app_environment", "app_secrets"))
    if isinstance(open_names, Mapping) and isinstance(secret_names, Mapping):
        for name in sorted(str(name) for name in set(open_names) & set(secret_names)):
            yield f"{name} stands in app_environment and in app_secrets: remove one of them."
    own, again = given.get("app_name"), given.get("app_delete_data")
    if again and again != own:
        yield f"app_delete_data is {again}, and the app is {own}: write its name there to delete what it has stored."
    programs, files, shared = (given.get(name) for name in ("app_programs", "app_files", "app_shared"))
    if isinstance(programs, Mapping) and SERVES in programs and "app_wsgi" in given:
        yield f"app_wsgi and app_programs.{SERVES} both say who serves the site: remove one of them."
    for file in sorted(map(str, files)) if isinstance(files, Mapping) else ():
        for folder in map(str, shared) if isinstance(shared, (list, tuple)) else ():
            if PurePosixPath(file).is_relative_to(folder):
                yield (
                    f"app_files has {file}, which belongs to a release, and app_shared has {folder}, which outlives it:"
                    f" share only the folders in {folder} that the app writes to."
                )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, tuple)) else value


def read_files(value: Mapping[str, Any]) -> tuple[AppFile, ...]:
    """The files of an `app_files` that was judged; an entry may be the content alone."""
    return tuple(_file(path, {"content": entry} if isinstance(entry, str) else entry) for path, entry in value.items())


def _file(path: str, entry: Mapping[str, Any]) -> AppFile:
    """A secret file is for the app's group alone, unless somebody says otherwise."""
    secret = truth(entry.get("secret"))
    return AppFile(path, entry["content"], secret, entry.get("mode") or ("0640" if secret else "0644"))


def _test(value: Mapping[str, Any]) -> AppTest:
    given = {name: _plain(entry) for name, entry in value.items() if entry is not None}
    convert: Mapping[str, Callable[[Any], Any]] = {"enabled": truth, "minimum": int, "timeout": int}
    settled = {name: convert.get(name, _plain)(entry) for name, entry in given.items()}
    return AppTest(**({"minimum": 0} if "command" in given else {}) | settled)


_BUILD: Mapping[str, Callable[[Any], Any]] = {
    "app_requirements": lambda value: value if isinstance(value, str) and value != "[]" else None,
    "app_test": _test,
    "app_files": read_files,
    "app_keep_releases": int,
    "app_port": int,
    "app_programs": commands,
    "app_migrate_destructive": truth,
    "app_migrate_dump": truth,
    "app_install_project": lambda value: None if value == "auto" else truth(value),
}
