# SPDX-License-Identifier: GPL-3.0-or-later
"""Commits of the blog as developers make them on good and on bad days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .project import Edit, Project

# Enough tests for a commit about something else than tests: the whole suite is proven by the new user and the demo.
QUICK = {"app_test": {"arguments": ["-p", "test_health.py"]}}
ON_A_HOST = 'os.environ.get("SLIPWAY_APP")'
IN_TRIAL = 'os.environ.get("SLIPWAY_SLOT") == "trial"'
IN_A_SLOT = 'os.environ.get("SLIPWAY_SLOT", "trial") != "trial"'


@dataclass(frozen=True)
class Bad:
    """What is wrong, how to make it so, and what the run has to say. `host`: only the hosts can find out."""

    name: str
    edits: Callable[[Project], Mapping[str, Edit]]
    said: tuple[str, ...]
    host: bool = False


def after(marker: str, text: str) -> Callable[[str], str]:
    """An edit that puts `text` behind the first line that begins with `marker`."""

    def edit(old: str) -> str:
        lines = old.splitlines(keepends=True)
        index = next(number for number, line in enumerate(lines) if line.startswith(marker))
        return "".join([*lines[: index + 1], text, *lines[index + 1 :]])

    return edit


def unwell(when: str) -> Callable[[str], str]:
    return after("def healthz", f'    if {when}:\n        return {{"status": "the search index is missing"}}, 503\n')


def broken_migration(project: Project) -> Mapping[str, Edit]:
    return migration(project, f'if {ON_A_HOST}:\n        raise ValueError("two posts have the same title")')


def good_migration(project: Project) -> Mapping[str, Edit]:
    return migration(project, f'op.add_column("posts", sa.Column("mood_after_{project.revision()}", sa.String(30)))')


def migration(project: Project, upgrade: str) -> Mapping[str, Edit]:
    """A further revision of the schema, and the test that knows of it."""
    before = project.revision()
    number = f"{int(before) + 1:04}"
    text = (
        f"import os\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{number}"\ndown_revision = "{before}"\n\n\ndef upgrade() -> None:\n    {upgrade}\n'
    )
    return {
        f"migrations/versions/{number}_further.py": text,
        "tests/test_health.py": lambda old: old.replace(f'"schema": "{before}"', f'"schema": "{number}"'),
    }


FAILING_TEST = """
    def test_that_a_developer_forgot_to_run(self) -> None:
        self.assertEqual("what is", "what should be")
"""
NO_LIBRARY = f'if {ON_A_HOST}:\n    raise ImportError("no libmagic on this host")\n'

BAD = (
    Bad(
        "a failing test",
        lambda _: {"tests/test_health.py": after("class HealthTest", FAILING_TEST)},
        ("test_that_a_developer_forgot_to_run", "'what is' != 'what should be'", 'File "tests/test_health.py"'),
    ),
    Bad(
        "no tests",
        lambda _: {"tests/test_health.py": None},
        ("do not let it ship", "no test was found"),
    ),
    Bad(
        "an import error",
        lambda _: {"webapp/__init__.py": after("from typing", "import no_such_module\n")},
        ("app_wsgi webapp:create_app", 'File "webapp/__init__.py"', "No module named 'no_such_module'"),
    ),
    Bad(
        "an uninstallable requirement",
        lambda _: {"requirements.txt": lambda old: f"{old}flask==999.0\n"},
        ("The requirements cannot be installed on Python", "uv says", "flask==999.0"),
    ),
    Bad(
        "an import error that only hosts have",
        lambda _: {"webapp/health.py": after("import os", NO_LIBRARY)},
        ('File "webapp/health.py"', "ImportError: no libmagic on this host"),
        host=True,
    ),
    Bad(
        "a broken migration",
        broken_migration,
        ("python manage.py db upgrade", 'File "migrations/versions/', "ValueError: two posts have the same title"),
        host=True,
    ),
    Bad(
        "a failing health check",
        lambda _: {"webapp/health.py": unwell(ON_A_HOST)},
        ("trial", "/healthz", "503", "the search index is missing"),
        host=True,
    ),
    Bad(
        "a health check that fails once it is live",
        lambda _: {"webapp/health.py": unwell(IN_A_SLOT)},
        ("web:0", "/healthz", "503", "the search index is missing", "This host is back on"),
        host=True,
    ),
)
