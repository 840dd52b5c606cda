# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a project is, from the files of a commit: a proposal for each variable that can be known or guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core import sight_code, sight_files, sight_wsgi
from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import (
    ASIDE,
    Clue,
    Tree,
    below,
    folders,
    line_of,
    sources,
)

ROOT_FILES = ("uv.lock", "pylock.toml", "requirements.txt", "Procfile", ".flaskenv", "wsgi.py", "manage.py")
DEEPEST = 3
LARGEST = 1024 * 1024
WORTH = (".py", ".toml", ".txt", ".ini", ".cfg", ".in", ".lock")
NAMES = ("Procfile", ".flaskenv", ".python-version", "Pipfile")


def is_worth(path: str) -> bool:
    """Whether the text of a file is looked at; of the others the names do."""
    name = path.rpartition("/")[2]
    return name in NAMES or name.endswith(WORTH)


def detect(tree: Tree, subdir: str | None = None) -> list[Clue]:
    """Everything found, in the order of a description. `subdir` is the project's folder when somebody knows it."""
    folder = _folder(tree) if subdir is None else subdir.strip("/")
    project = {path: text if len(text) <= LARGEST else "" for path, text in below(tree, folder).items()}
    found = [clue for clue in [*_place(folder, subdir), *_clues(project)] if _is_safe(clue)]
    return [_placed(clue, folder) for clue in found]


def _clues(project: Tree) -> Iterator[Clue]:
    code = sources(project)
    wsgi = sight_wsgi.address(project, code)
    yield wsgi or Clue("app_wsgi", None, "no WSGI application was found: write module:callable", sure=False)
    yield from sight_files.requirements(project)
    yield sight_files.tests(project)
    for clue in (
        sight_files.python(project),
        sight_code.static_files(project, code),
        sight_code.health(code),
        sight_code.init_commands(project, code),
        sight_files.migrations(project, code, str(wsgi.value) if wsgi else ""),
        sight_code.celery(code),
    ):
        if clue:
            yield clue
    yield from sight_code.secrets(code)


def _folder(tree: Tree) -> str:
    """The project's root: the shallowest folder with requirements or a start, and an application in it."""
    shallow = [folder for folder in folders(tree) if folder.count("/") < DEEPEST]
    for folder in sorted(shallow, key=lambda folder: (folder.count("/") + bool(folder), folder)):
        if ASIDE.search(f"{folder}/x") or not _has_root_file(tree, folder):
            continue
        project = below(tree, folder)
        if sight_wsgi.address(project, sources(project)):
            return folder
    return ""


def _has_root_file(tree: Tree, folder: str) -> bool:
    start = f"{folder}/" if folder else ""
    described = line_of(tree.get(f"{start}pyproject.toml", ""), sight_files.PROJECT)
    return bool(described) or any(f"{start}{name}" in tree for name in ROOT_FILES)


def _place(folder: str, subdir: str | None) -> Iterator[Clue]:
    if folder:
        said = "as you say" if subdir is not None else "the folder with requirements and an application"
        yield Clue("app_subdir", folder, said, "")


def _placed(clue: Clue, folder: str) -> Clue:
    """As seen from the repository's root, where a person looks."""
    where = f"{folder}/{clue.where}" if folder and clue.where else clue.where
    return Clue(clue.variable, clue.value, clue.said, where, clue.sure)


def _is_safe(clue: Clue) -> bool:
    """What a stranger's repository says goes into a file that Ansible templates: nothing that is a template in it."""
    texts = " ".join(_texts([clue.value, clue.where, clue.said]))
    if any(mark in texts for mark in ("{{", "{%", "{#")) or not texts.isprintable():
        return False
    rule = RULES.get(clue.variable) if clue.value not in (None, {}, []) else None
    value = {clue.value: ""} if clue.variable == "app_secrets" else clue.value
    return rule is None or not list(rule(clue.variable, value))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple)):
        for entry in value:
            yield from _texts(entry)
    else:
        yield str(value)
