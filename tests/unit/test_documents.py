# SPDX-License-Identifier: GPL-3.0-or-later
"""README and docs say what is so: commands that tests run, variables that exist, tests and pages that are there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    app_rules,
    backup,
    database,
    notify,
    platform_rules,
    policy,
    servers,
    tls,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge
from ansible_collections.slipway.flask.plugins.module_utils._core.inventory import RETIRED, SERVICES, STACKS, WORKERS
from tests import documents
from tests.documents import PAGES, ROOT
from tests.ship.test_new_user import ELSEWHERE

RULES = {
    **app_rules.RULES,
    **policy.RULES,
    **notify.RULES,
    **tls.RULES,
    **servers.RULES,
    **database.RULES,
    **backup.RULES,
    **platform_rules.RULES,
}
KINDS = {"module": "modules", "filter": "filter", "callback": "callback", "role": "roles"}
# an example of an inventory names these
GROUPS = {"web", *STACKS, *SERVICES, WORKERS, RETIRED}
page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@page
def test_blocks_say_what_they_are(page: Path) -> None:
    assert documents.languages(page) <= {"sh", "yaml", "text", "mermaid"}


@page
def test_no_command_is_hidden_in_a_block_that_does_not_say_what_it_is(page: Path) -> None:
    assert not re.findall(r"^    (?:ansible|make|pip|python3?) .*", page.read_text(), re.MULTILINE)


@page
def test_a_command_within_a_sentence_is_one_that_is_run(page: Path) -> None:
    """tests/ship/test_new_user.py types every fenced command; of make, tools/test runs the recipes."""
    run = {*ELSEWHERE, *(command for other in PAGES for command in documents.commands(other))}
    strange = [text for text in documents.mentioned(page) if text not in run and not is_made(text)]
    assert not strange, f"no test runs {strange}"


def is_made(command: str) -> bool:
    """Whether CI runs what a target of make does."""
    program, _space, target = command.partition(" ")
    recipe = re.search(rf"^{re.escape(target)}:.*\n\t@(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ci = (ROOT / "tools/test").read_text() + (ROOT / ".ci/run").read_text()
    return program == "make" and recipe is not None and (recipe[1] in ci or command in ci)


def test_what_is_run_elsewhere_is_there_and_documented() -> None:
    documented = {command for page in PAGES for command in [*documents.commands(page), *documents.mentioned(page)]}
    assert set(ELSEWHERE) <= documented
    for command, name in ELSEWHERE.items():
        words = command.split()
        said = words[1].rpartition(".")[2] if words[-1] == "prod" else words[-1]
        assert said in (ROOT / "tests" / name).read_text(), f"{name} does not run {command}"


@page
def test_variables_in_examples_are_good(page: Path) -> None:
    for block in documents.blocks(page, "yaml"):
        given = yaml.safe_load(block)
        unknown = [name for name in given if name not in {*RULES, *GROUPS, *of_roles()}]
        assert not unknown, f"{unknown}: no such variable"
        assert not judge(RULES, given)


def of_roles() -> set[str]:
    return {name for path in ROOT.glob("roles/*/defaults/main.yml") for name in yaml.safe_load(path.read_text()) or {}}


@page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        assert "://" in target or (page.parent / target.partition("#")[0]).exists(), target


def test_situations_are_tried() -> None:
    text = (ROOT / "docs/troubleshooting.md").read_text()
    named = re.findall(r"\| `(test_\w+)` \|$", text, re.MULTILINE)
    there = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert len(named) >= 12
    assert set(named) <= there


def test_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 50


def test_page_of_variables_is_what_the_collection_checks() -> None:
    made = subprocess.run([sys.executable, ROOT / "tools/variables"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs/variables.md").read_text() == made, "type: tools/variables >docs/variables.md"


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_ansible_doc_shows_everything(kind: str) -> None:
    found = sorted(ROOT.glob(f"{'roles' if kind == 'role' else f'plugins/{KINDS[kind]}'}/*"))
    names = [f"slipway.flask.{path.stem}" for path in found if kind == "role" or path.suffix == ".py"]
    command = [Path(sys.executable).with_name("ansible-doc"), "-t", kind, "-j", *names]
    shown = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert sorted(shown) == names
    for name, entry in shown.items():
        entries = entry["entry_points"].values() if kind == "role" else [entry["doc"]]
        for one in entries:
            assert one["short_description"] and one["description"], name
            assert not list(without_description(name, one.get("options") or {}))


def without_description(name: str, options: Mapping[str, Any]) -> Iterator[str]:
    for option, said in options.items():
        if not said.get("description"):
            yield f"{name}: {option}"
        yield from without_description(f"{name}: {option}", said.get("options") or said.get("suboptions") or {})
