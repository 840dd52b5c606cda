# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an application's tests are run: `app_test`, checked, and the runner chosen."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

AUTO = "auto"
PYTEST = "pytest==8.4.2"
JUNIT_VARIABLE = "SLIPWAY_JUNIT_XML"
PYTEST_FILES = ("pytest.ini", ".pytest.ini", "pytest.toml", "conftest.py", "tests/conftest.py", "test/conftest.py")
PYTEST_SECTIONS = (("pyproject.toml", "[tool.pytest"), ("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]"))


@dataclass(frozen=True)
class AppTest:
    """`app_test` with nothing left open."""

    enabled: bool = True
    runner: str = "auto"
    command: tuple[str, ...] = ()
    path: str = ""
    processes: int | str = 1  # settled, a number
    arguments: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    minimum: int = 1
    timeout: int = 900
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Names the plan in keys and records without spelling out its environment."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def plan(
    raw: Mapping[str, Any], texts: Mapping[str, str], paths: Collection[str], locked: Collection[str], cores: int
) -> AppTest:
    """Settle `app_test` for a project: its files, what some of them say, and the names in its lock."""
    given = {key: value for key, value in raw.items() if value is not None}
    for key in ("command", "arguments", "requirements"):
        given[key] = tuple(given.get(key, ()))
    given["environment"] = {key: str(value) for key, value in given.get("environment", {}).items()}
    wished = AppTest(**given)
    if wished.runner != "auto":
        runner = wished.runner
    elif wished.command:
        runner = "command"
    else:
        runner = "pytest" if _uses_pytest(wished, texts, paths, locked) else "unittest"
    further = (PYTEST,) if runner == "pytest" and not _asks_for_pytest(wished) and "pytest" not in locked else ()
    settled = replace(wished, runner=runner, requirements=wished.requirements + further)
    found = problems(settled)
    if found:
        raise SlipwayError("app_test cannot be used: " + "; ".join(found) + ".")
    return replace(settled, processes=cores if settled.processes == AUTO else int(settled.processes))


def problems(wished: AppTest) -> list[str]:
    """What contradicts itself in `app_test`, all of it."""
    many = str(wished.processes)
    rules = [
        (not re.fullmatch(f"{AUTO}|[1-9][0-9]*", many), f"processes is {many}: write a number, 1 or more, or {AUTO}"),
        (
            many != "1" and wished.runner == "pytest",
            f"processes is {many} and the runner is pytest: write"
            f" requirements: [pytest-xdist] and arguments: [-n, {many}] instead",
        ),
        (
            many != "1" and bool(wished.command),
            f"processes is {many} beside command, which starts its processes itself: remove it",
        ),
        (wished.minimum < 0, f"minimum is {wished.minimum}, the least is 0"),
        (wished.timeout < 1, f"timeout is {wished.timeout} s, the least is 1"),
        (wished.runner == "command" and not wished.command, "runner is 'command' and command is empty"),
        (
            bool(wished.command) and wished.runner not in ("auto", "command"),
            f"command is set and runner is {wished.runner!r}",
        ),
        (
            bool(wished.command) and bool(wished.path),
            "path is set beside command, which ignores it: say it in the command",
        ),
    ]
    return [text for broken, text in rules if broken]


def _asks_for_pytest(wished: AppTest) -> bool:
    return any(requirement.lower().startswith("pytest") for requirement in wished.requirements)


def _uses_pytest(wished: AppTest, texts: Mapping[str, str], paths: Collection[str], locked: Collection[str]) -> bool:
    configured = any(mark in texts.get(name, "") for name, mark in PYTEST_SECTIONS)
    return configured or "pytest" in locked or _asks_for_pytest(wished) or any(name in paths for name in PYTEST_FILES)
