# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in projects of several shapes, and that no text whatever makes the search fall over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.detection import detect, is_worth
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import Clue

ROOT = Path(__file__).resolve().parents[5]
FLASK = "from flask import Flask\n"
ONE_MODULE = {
    "app.py": f"{FLASK}app = Flask(__name__)\n\n@app.route('/health')\ndef health():\n    return 'ok'\n",
    "requirements.txt": "flask\n",
    "test_app.py": "import unittest\nimport app\n\nclass T(unittest.TestCase):\n    def test_it(self): pass\n",
}
PACKAGE = {
    "pyproject.toml": "[project]\nname = 'shop'\nrequires-python = '>=3.12'\n"
    "[dependency-groups]\ndev = ['pytest-cov']\n[tool.pytest.ini_options]\n",
    "uv.lock": "",
    "src/shop/__init__.py": f"{FLASK}\ndef create_app(config=None):\n    Flask(__name__, static_url_path='/assets')\n",
    "src/shop/static/style.css": "",
    "src/shop/settings.py": "import os\n"
    "A = os.environ['SECRET_KEY']\nB = os.getenv('SENTRY_DSN')\nC = os.getenv('MODE')\n",
    "src/shop/commands.py": "import click\n\n@click.command('init-db')\ndef init_db(): pass\n",
    "src/shop/db.py": "from flask_migrate import Migrate\n",
    "tests/test_shop.py": "def test_it():\n    pass\n",
    "migrations/env.py": "",
}
PLAIN = {
    "service/wsgi.py": "def application(environ, start_response):\n    return []\n",
    "service/requirements.txt": "",
    "service/tests/test_it.py": "from unittest import TestCase\nclass T(TestCase):\n    pass\n",
    "README.md": "a repository of several things",
}
NEEDY = {
    "app/__init__.py": f"{FLASK}\ndef create_app(config_object):\n    return Flask(__name__)\n",
    "app/config.py": "class DevConfig: pass\nclass ProductionConfig: pass\n",
    "app/tasks.py": "from celery import Celery\ncelery = Celery(__name__)\n",
    "requirements/prod.txt": "flask",
    "requirements/dev.txt": "pytest",
    "conftest.py": "",
    "tests/test_a.py": "import pytest\n",
    "alembic.ini": "",
    "alembic/env.py": "",
}
NOTHING = {"README.md": "hello", "main.go": "package main", "setup.py": "import setuptools\n"}


def found(tree: dict[str, str], subdir: str | None = None) -> dict[str, Clue]:
    return {clue.variable: clue for clue in detect(tree, subdir) if clue.variable and clue.variable != "app_secrets"}


def values(tree: dict[str, str]) -> dict[str, Any]:
    return {name: clue.value for name, clue in found(tree).items()}


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (ONE_MODULE, {"app_wsgi": "app:app", "app_test": {"runner": "unittest"}, "app_health_path": "/health"}),
        (
            PACKAGE,
            {
                "app_wsgi": "shop:create_app()",
                "app_test": {"runner": "pytest", "requirements": ["pytest-cov"]},
                "app_static": {"/assets": "src/shop/static"},
                "app_init_commands": ["flask init-db"],
                "app_migrate_commands": ['flask --app "shop:create_app()" db upgrade'],
            },
        ),
        (
            PLAIN,
            {
                "app_subdir": "service",
                "app_wsgi": "wsgi:application",
                "app_test": {"runner": "unittest", "path": "tests"},
            },
        ),
        (
            NEEDY,
            {
                "app_wsgi": "app:create_app('app.config.ProductionConfig')",
                "app_requirements": "requirements/prod.txt",
                "app_test": {"runner": "pytest", "requirements": ["-r requirements/dev.txt"]},
                "app_migrate_commands": ["alembic upgrade head"],
            },
        ),
        (NOTHING, {"app_wsgi": None, "app_requirements": [], "app_test": {}}),
        ({}, {"app_wsgi": None, "app_requirements": [], "app_test": {}}),
    ],
    ids=[
        "one module",
        "src package",
        "no Flask, in a folder",
        "a needy factory",
        "no Python app",
        "empty",
    ],
)
def test_shapes(tree: dict[str, str], expected: dict[str, Any]) -> None:
    assert values(tree) == expected


def test_the_bundled_blog() -> None:
    tree = {
        str(path.relative_to(ROOT)): path.read_text() if is_worth(path.name) else ""
        for path in (ROOT / "webapp").rglob("*")
        if path.is_file()
    }
    assert values(tree) == {
        "app_subdir": "webapp",
        "app_wsgi": "wsgi:app",
        "app_test": {"runner": "unittest"},
        "app_static": {"/static": "webapp/static"},
        "app_health_path": "/healthz",
        "app_init_commands": ["python manage.py createdb"],
        "app_migrate_commands": ["python manage.py db upgrade"],
    }
    assert "SECRET_KEY" in [clue.value for clue in detect(tree) if clue.variable == "app_secrets"]


def test_a_guess_is_called_one_and_what_was_read_says_where() -> None:
    needy, package = found(NEEDY), found(PACKAGE)
    assert [name for name, clue in needy.items() if not clue.sure] == ["app_wsgi", "app_requirements", "app_test"]
    assert needy["app_wsgi"].where == "app/__init__.py:3"
    assert package["app_static"].where == "src/shop/__init__.py:4"
    assert found(PLAIN)["app_wsgi"].where == "service/wsgi.py:1"


def test_secrets_are_those_that_the_environment_gives() -> None:
    clues = [clue for clue in detect(PACKAGE) if clue.variable == "app_secrets"]
    assert [(clue.value, clue.where, "has to be" in clue.said) for clue in clues] == [
        ("SECRET_KEY", "src/shop/settings.py:2", True),
        ("SENTRY_DSN", "src/shop/settings.py:3", False),
    ]


@pytest.mark.parametrize(
    ("further", "wsgi"),
    [
        ({"Procfile": "web: gunicorn -w 4 'run:app'\n", "wsgi.py": "from app import app\n"}, "run:app"),
        ({"wsgi.py": "from app import app as application\n"}, "wsgi:application"),
        ({"wsgi.py": "from app import create_app\napp = create_app()\n"}, "wsgi:app"),
        ({".flaskenv": "FLASK_APP=app.py\n"}, "app:app"),
        ({".flaskenv": "export FLASK_APP='other:make(1)'  # the one\n"}, "other:make(1)"),
        ({".flaskenv": "FLASK_APP=nowhere\n"}, "app:app"),
        ({"Procfile": "web: gunicorn $APP\n", ".flaskenv": "DEBUG=1\n"}, "app:app"),
        ({"wsgi.py": "if __name__ == '__main__':\n    app = Flask(__name__)\n"}, "app:app"),
        ({"wsgi.py": "this is no Python"}, "app:app"),
    ],
)
def test_what_is_said_for_production_comes_first(further: dict[str, str], wsgi: str) -> None:
    assert values(ONE_MODULE | further)["app_wsgi"] == wsgi


def test_no_static_folder_is_not_the_folder_of_the_code() -> None:
    code = f"{FLASK}app = Flask(__name__, static_folder=None, static_url_path='/files')\n"
    assert "app_static" not in found({**ONE_MODULE, "app.py": code, "static/a.css": ""})


def test_a_folder_that_somebody_names_is_taken() -> None:
    tree = {**ONE_MODULE, **{f"other/{path}": text for path, text in NEEDY.items()}}
    assert "app_subdir" not in found(tree)
    assert found(tree, "other/")["app_subdir"].value == "other"
    assert found(tree, "other")["app_test"].where == "other/tests/test_a.py:1"


def test_a_template_in_a_strangers_repository_is_left_out() -> None:
    evil = "{{ lookup('pipe', 'id') }}"
    tree = {
        "wsgi.py": f'{FLASK}app = Flask(__name__, static_folder="{evil}")\n',
        f"{evil}/a.css": "",
        "requirements.txt": "",
        ".python-version": "3.{% raw %}\n",
    }
    assert not [clue for clue in detect(tree) if "{{" in str(clue) or "{%" in str(clue)]


NAMES = st.sampled_from(
    [*ONE_MODULE, *PACKAGE, *NEEDY, "manage.py", "Procfile", ".flaskenv", ".python-version", "a/b/wsgi.py"]
)
PIECES = st.sampled_from(
    [line for tree in (ONE_MODULE, PACKAGE, PLAIN, NEEDY) for text in tree.values() for line in text.splitlines()]
    + [
        "app = create_app(x)",
        "def create_app(*, a): pass",
        "FLASK_APP=a:b(",
        "web: x:y(",
        "app.route()",
        "env('KEY')",
        "{{ a }}",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("\n".join))


@given(st.dictionaries(st.one_of(NAMES, st.text()), TEXTS, max_size=8), st.one_of(st.none(), st.text(max_size=5)))
def test_no_text_makes_it_fall_over_and_every_proposal_is_one_that_ships(
    tree: dict[str, str], subdir: str | None
) -> None:
    for clue in detect(tree, subdir):
        assert clue.said
        if clue.variable in RULES and clue.variable != "app_secrets" and clue.value not in (None, {}, []):
            assert not list(RULES[clue.variable](clue.variable, clue.value))
