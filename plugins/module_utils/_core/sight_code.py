# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the code of a project tells besides its WSGI application: static files, health, secrets, workers."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Sequence

from ansible_collections.slipway.flask.plugins.module_utils._core.sight import (
    Clue,
    Source,
    Tree,
    calls,
    dotted,
    text_of,
)

HEALTH = ("/healthz", "/health", "/readyz", "/livez", "/ping", "/_health", "/status/health", "/api/health")
ROUTES = ("route", "get", "add_url_rule")
SECRET = re.compile(r"(^|_)(SECRET|SECRETS|KEY|TOKEN|PASSWORD|PASSWD|PASS|DSN|CREDENTIALS|SALT)(_|$)")
KNOWN = ("DATABASE_URL",)  # the collection gives it, unless somebody else does
_ENVIRONMENT = ("os.environ.get", "environ.get", "os.getenv", "getenv", "config", "decouple.config")


def static_files(tree: Tree, sources: Sequence[Source]) -> Clue | None:
    """`app_static` of the first application whose static folder is there."""
    for source in sources:
        for call in _applications(source):
            path, folder = _static(call)
            place = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), folder))
            if path not in ("", "/") and any(name.startswith(f"{place}/") for name in tree):
                return Clue("app_static", {path: place}, "the static folder of Flask(...)", source.at(call))
    return None


def health(sources: Sequence[Source]) -> Clue | None:
    """`app_health_path`: a route that is called like one. Without arguments in its path, and not below a prefix."""
    found: dict[str, Clue] = {}
    for source in sources:
        prefixed = any(keyword.arg == "url_prefix" for call in calls(source.tree) for keyword in call.keywords)
        for call in calls(source.tree):
            path = text_of(call.args[0]) if call.args else ""
            if path.rstrip("/") in HEALTH and dotted(call.func).rpartition(".")[2] in ROUTES:
                said = "the route" + (", if nothing comes before it" if prefixed else "")
                found.setdefault(path.rstrip("/"), Clue("app_health_path", path, said, source.at(call), not prefixed))
    return next((found[path] for path in HEALTH if path in found), None)


def secrets(sources: Sequence[Source]) -> list[Clue]:
    """Names of the environment that hold something nobody may see; each once, where it is read first."""
    found: dict[str, Clue] = {}
    for source in sources:
        for name, node, needed in _read(source):
            if SECRET.search(name) and name not in KNOWN:
                said = "read from the environment" + (", and there has to be one" if needed else "")
                found.setdefault(name, Clue("app_secrets", name, said, source.at(node)))
    return [found[name] for name in sorted(found)]


def _read(source: Source) -> Iterator[tuple[str, ast.AST, bool]]:
    """Name of each variable that is read from the environment, and whether it has to be there."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            if dotted(node.value) in ("os.environ", "environ"):
                yield text_of(node.slice), node, True
        elif isinstance(node, ast.Call) and node.args:
            called = dotted(node.func)
            if called in _ENVIRONMENT or called.partition(".")[0] == "env":
                yield text_of(node.args[0]), node, False


def celery(sources: Sequence[Source]) -> Clue | None:
    """A Celery application: nothing here runs its worker by itself."""
    for source in sources:
        for call in calls(source.tree):
            if dotted(call.func).rpartition(".")[2] == "Celery":
                return Clue("", None, "a Celery application: a worker goes into app_programs", source.at(call))
    return None


def init_commands(tree: Tree, sources: Sequence[Source]) -> Clue | None:
    """A command that makes the database, by its name: it runs once, and only a person knows what it does."""
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef) and re.fullmatch(r"(init|create|setup)_?(db|database)", node.name):
                command = _cli_name(node)
                start = "python manage.py" if "manage.py" in tree else "flask"
                if command:
                    return Clue("app_init_commands", [f"{start} {command}"], "a command", source.at(node), sure=False)
    return None


def _cli_name(node: ast.FunctionDef) -> str:
    """The name of a click command, empty for any other function."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and dotted(decorator.func).rpartition(".")[2] == "command":
            return text_of(decorator.args[0]) if decorator.args else node.name.replace("_", "-")
    return ""


def _static(call: ast.Call) -> tuple[str, str]:
    """URL prefix and folder (relative to the file's own) of the static files of `Flask(...)`."""
    given = {one.arg: one.value for one in call.keywords}
    folder = text_of(given["static_folder"]) if "static_folder" in given else "static"
    path = text_of(given["static_url_path"]) if "static_url_path" in given else f"/{folder.rpartition('/')[2]}"
    return (path, folder) if folder and path.startswith("/") else ("", "")


def _applications(source: Source) -> Iterator[ast.Call]:
    """Every `Flask(...)` of a file, in functions too."""
    return (call for call in calls(source.tree) if dotted(call.func).rpartition(".")[2].endswith("Flask"))
