# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files around the code tell: requirements, Python, tests, migrations."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.lockfile import KNOWN_FILES
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import (
    TESTS,
    Clue,
    Source,
    Tree,
    dotted,
    line_of,
    sources,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.testplan import PYTEST_FILES, PYTEST_SECTIONS

OTHER_FILES = re.compile(
    r"requirements?/(prod|production|base|main|common)\.txt|(requirements|reqs)[-_.]?(prod|base)?\.txt"
)
TEST_FILES = re.compile(r"requirements?/(tests?|testing|dev|development)\.txt|requirements[-_.](tests?|dev)\.txt")
TEST_GROUPS = ("test", "tests", "testing", "dev")
PROJECT = r"^\[project\]"


def requirements(tree: Tree) -> Iterator[Clue]:
    """Which file the gate will lock from, and which has to be named or made."""
    known = next((name for name in KNOWN_FILES if name in tree and _lists(name, tree[name])), "")
    other = next((path for path in sorted(tree) if OTHER_FILES.fullmatch(path)), "")
    if known:
        yield Clue("", None, f"the requirements are taken from {known}", known)
    elif other:
        yield Clue("app_requirements", other, "the one file that looks like it", other, sure=False)
    else:
        made = next((name for name in ("Pipfile.lock", "poetry.lock", "Pipfile", "setup.py") if name in tree), "")
        said = f"the requirements stand in {made}, which is not read" if made else "there is no file of requirements"
        yield Clue("app_requirements", [], f"{said}: commit one of {', '.join(KNOWN_FILES)}", made, sure=False)


def python(tree: Tree) -> Clue | None:
    """The hosts have one Python each; what the project asks for is said, and not settled here."""
    line = tree.get(".python-version", "").strip().partition("\n")[0]
    wanted = line or str(_table(tree, "project").get("requires-python", ""))
    where = ".python-version" if line else "pyproject.toml"
    if not wanted:
        return None
    said = f"it asks for Python {wanted}; an app runs on its host's own (Debian 12: 3.11, 13: 3.13)"
    return Clue("", None, said, where)


def tests(tree: Tree) -> Clue:
    """`app_test`, or that there is none. Given only where the gate would not choose the same by itself."""
    found = sources(tree, TESTS)
    pytest = next((_at for _at in map(_pytest, found) if _at), "")
    unittest = next((_at for _at in map(_unittest, found) if _at), "")
    configured = any(name in tree for name in PYTEST_FILES) or any(
        mark in tree.get(name, "") for name, mark in PYTEST_SECTIONS
    )
    if not pytest and not unittest:
        return Clue("app_test", {}, "no test was found, and the gate lets nothing ship without one", sure=False)
    if configured or pytest:
        further = _test_requirements(tree)
        settled = {"runner": "pytest"} | ({"requirements": further} if further else {})
        return Clue("app_test", settled, "pytest", pytest or unittest, sure=configured and not further)
    folder = unittest.partition("/")[0]
    if "/" in unittest and f"{folder}/__init__.py" not in tree and folder in ("test", "tests"):
        return Clue("app_test", {"runner": "unittest", "path": folder}, "unittest", unittest)
    return Clue("app_test", {"runner": "unittest"}, "unittest", unittest)


def migrations(tree: Tree, code: Sequence[Source], wsgi: str) -> Clue | None:
    """`app_migrate_commands`: Flask-Migrate by manage.py or flask, else Alembic alone."""
    scripts = next((path for path in sorted(tree) if re.fullmatch(r"(.*/)?(migrations|alembic)/env\.py", path)), "")
    if not scripts:
        return None
    extension = next((source.at(node) for source in code for node in source.statements if _imports_migrate(node)), "")
    if not extension and "alembic.ini" in tree:
        return Clue("app_migrate_commands", ["alembic upgrade head"], "Alembic", "alembic.ini:1")
    manage = tree.get("manage.py", "")
    line = line_of(manage, r"FlaskGroup|flask_script|MigrateCommand|flask_migrate")
    if line:
        return Clue("app_migrate_commands", ["python manage.py db upgrade"], "Flask-Migrate", f"manage.py:{line}")
    quoted = f"--app {wsgi} " if re.fullmatch(r"[\w.:]+", wsgi) else f'--app "{wsgi}" ' if wsgi else ""
    said = "Flask-Migrate" if extension else "its folder of migrations"
    return Clue("app_migrate_commands", [f"flask {quoted}db upgrade"], said, extension or scripts, bool(extension))


def _lists(name: str, text: str) -> bool:
    """A pyproject.toml may hold the settings of tools only."""
    return name != "pyproject.toml" or bool(line_of(text, PROJECT))


def _pytest(source: Source) -> str:
    """Where a file shows that it is pytest's: a test that is a function, or the import."""
    for node in source.tree.body:
        name = getattr(node, "name", "")
        imported = [alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")]
        if (name.startswith("test_") and not hasattr(node, "bases")) or "pytest" in imported:
            return source.at(node)
    return ""


def _unittest(source: Source) -> str:
    return next((source.at(node) for node in source.tree.body if _is_case(node)), "")


def _is_case(node: Any) -> bool:
    """A class of tests; its base may be the project's own, so its methods count too."""
    if not hasattr(node, "bases"):
        return False
    named = any(dotted(base).endswith("TestCase") for base in node.bases)
    return named or (bool(node.bases) and any(getattr(part, "name", "").startswith("test_") for part in node.body))


def _imports_migrate(node: Any) -> bool:
    names = [getattr(node, "module", "") or "", *(getattr(alias, "name", "") for alias in getattr(node, "names", []))]
    return "flask_migrate" in names


def _test_requirements(tree: Tree) -> list[str]:
    """What the tests need besides: a file of it, or a group of pyproject.toml."""
    file = next((path for path in sorted(tree) if TEST_FILES.fullmatch(path)), "")
    if file:
        return [f"-r {file}"]
    tables = (_table(tree, "dependency-groups"), _of(_table(tree, "project"), "optional-dependencies"))
    groups = (table.get(name) for table in tables for name in TEST_GROUPS)
    group = next((group for group in groups if isinstance(group, list) and group), [])
    return [entry for entry in group if isinstance(entry, str)]


def _table(tree: Tree, name: str) -> Mapping[str, Any]:
    try:
        return _of(tomllib.loads(tree.get("pyproject.toml", "")), name)
    except (ValueError, RecursionError):
        return {}


def _of(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}
