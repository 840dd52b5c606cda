# SPDX-License-Identifier: GPL-3.0-or-later
"""Commits of the blog as developers make them on good and on bad days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .project import Edit

# Enough tests for a commit about something else than tests: the whole suite is proven by the first ship.
QUICK = {"app_test": {"arguments": ["-p", "test_health.py"]}}
ON_A_HOST = 'os.environ.get("SLIPWAY_APP")'
IN_A_SLOT = 'os.environ.get("SLIPWAY_SLOT", "trial") != "trial"'


@dataclass(frozen=True)
class Bad:
    """What is wrong, how to make it so, and what the run has to say. `host`: only the hosts can find out."""

    name: str
    edits: Mapping[str, Edit]
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


def migration(upgrade: str, number: str = "0002", before: str = "0001") -> Mapping[str, Edit]:
    """A further revision of the schema, and the test that knows of it."""
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
GOOD_MIGRATION = migration('op.add_column("posts", sa.Column("mood", sa.String(30), server_default="calm"))')

BAD = (
    Bad(
        "a failing test",
        {"tests/test_health.py": after("class HealthTest", FAILING_TEST)},
        ("test_that_a_developer_forgot_to_run", "'what is' != 'what should be'", "tests/test_health.py"),
    ),
    Bad("no tests", {"tests/test_health.py": None}, ("do not let it ship", "no test was found")),
    Bad(
        "an import error",
        {"webapp/__init__.py": after("from typing", "import no_such_module\n")},
        ("app_wsgi webapp:create_app", "webapp/__init__.py", "No module named 'no_such_module'"),
    ),
    Bad(
        "an uninstallable requirement",
        {"requirements.txt": lambda old: f"{old}flask==999.0\n"},
        ("The requirements cannot be installed on Python", "uv says", "flask==999.0"),
    ),
    Bad(
        "an import error that only hosts have",
        {
            "webapp/health.py": after(
                "import os", f'if {ON_A_HOST}:\n    raise ImportError("no libmagic on this host")\n'
            )
        },
        ('File "webapp/health.py"', "ImportError: no libmagic on this host"),
        host=True,
    ),
    Bad(
        "a broken migration",
        migration(f'if {ON_A_HOST}:\n        raise ValueError("two posts have the same title")'),
        (
            "python manage.py db upgrade",
            'File "migrations/versions/0002_further.py"',
            "ValueError: two posts have the same title",
        ),
        host=True,
    ),
    Bad(
        "a failing health check",
        {"webapp/health.py": unwell(ON_A_HOST)},
        ("/healthz", "503", "the search index is missing"),
        host=True,
    ),
    Bad(
        "a health check that fails once it is live",
        {"webapp/health.py": unwell(IN_A_SLOT)},
        ("web:1", "/healthz", "503", "the search index is missing", "This host is back on"),
        host=True,
    ),
)
