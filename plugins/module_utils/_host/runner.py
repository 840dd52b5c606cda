# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run an application's own code: its own Python, a clean tree, a bare environment, a time limit."""

from __future__ import annotations

import dataclasses
import inspect
import os
import pwd
import secrets
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ansible_collections.slipway.flask.plugins.module_utils._core import project
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.testplan import JUNIT_VARIABLE, AppTest
from ansible_collections.slipway.flask.plugins.module_utils._core.testshares import Share, merge
from ansible_collections.slipway.flask.plugins.module_utils._host import (
    command,
    enclosure,
    isolation,
    unittest_driver,
)

LARGEST_REPORT = 64 * 1024 * 1024
INSTALL_SECONDS, INSTALL_LINES = 600, 15
SHARE_LINES = 10
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True)
class Bench:
    """The place the code is run in: `work` holds the tree and what the tests write, `venv` their Python."""

    work: Path
    venv: Path
    isolation: isolation.Isolation
    environment: Mapping[str, str]
    mark: str

    @property
    def tree(self) -> Path:
        return self.work / "tree"

    @property
    def python(self) -> str:
        return str(self.venv / "bin" / "python")

    def run(self, argv: Sequence[str], timeout: float, log: Path, further: Mapping[str, str]) -> command.Result:
        """Run in isolation, all output into the log; nothing of it runs on afterwards."""
        wrapped = self.isolation.wrap(argv, self.tree)
        environment = {**self.environment, **further}
        with log.open("ab") as stream:
            try:
                return command.run(
                    wrapped,
                    timeout=timeout,
                    env=environment,
                    cwd=self.tree,
                    user=self.isolation.user,
                    output=stream,
                    errors=stream,
                )
            finally:
                isolation.end_leftovers(self.mark)

    def driver(self, module: ModuleType) -> str:
        """A driver of ours, written where the application's Python can read it."""
        path = self.work / f"{module.__name__.rpartition('.')[2]}.py"
        path.write_text(inspect.getsource(module), encoding="utf-8")
        return str(path)

    def answer(self, name: str) -> bytes | None:
        """A file the tested code has written: read only when it is a plain file of a sane size."""
        try:
            descriptor = os.open(self.work / "out" / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as stream:
            return stream.read(LARGEST_REPORT)


def set_up(
    work: Path,
    venv: Path,
    prefix: str,
    own: Path,
    plan: AppTest,
    installs: bool = False,
    like: isolation.Isolation | None = None,
) -> Bench:
    """Make the folders the tests may write in, and find the best isolation for them, unless it is known by now."""
    for name in ("out", "home", "tmp", project.FOLDER):
        (work / name).mkdir()
    mark = secrets.token_hex(8)
    environment = {
        "PATH": f"{venv / 'bin'}:{SYSTEM_PATH}",
        "VIRTUAL_ENV": str(venv),
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **(_installed(work) if installs else {}),
        **plan.environment,
        isolation.MARK: mark,
    }
    if os.getuid() == 0:
        _hand_over(work)
    room = enclosure.make_room(work, [venv, Path(prefix)], own)
    probe = [str(venv / "bin" / "python"), "-c", "pass"]
    chosen = like.around(room) if like else isolation.choose(room, probe, environment)
    return Bench(work, venv, chosen, environment, mark)


def _installed(work: Path) -> dict[str, str]:
    tree = work / "tree"
    return {"PYTHONPATH": project.import_path(str(tree), str(work / project.FOLDER), (tree / "src").is_dir())}


def install_project(bench: Bench, log: Path) -> None:
    """The project itself, as hosts will have it: its build runs in isolation like its tests."""
    argv = project.install_command(bench.python, str(bench.tree), str(bench.work / project.FOLDER))
    done = bench.run(argv, INSTALL_SECONDS, log, {})
    if not done.ok:
        said = "\n  ".join(_end(log, INSTALL_LINES))
        raise SlipwayError(
            f"The project cannot be installed (app_install_project):\n  {said}\n"
            "If it need not be, write app_install_project: false."
        )


def run_tests(benches: Sequence[Bench], plan: AppTest, log: Path) -> tuple[command.Result, bytes | None]:
    """Run the tests, a share of them in each bench; the JUnit report is None when they left none."""
    if len(benches) == 1:
        return _run_share(benches[0], plan, log, 0)
    logs = [bench.work.with_suffix(".log") for bench in benches]
    with ThreadPoolExecutor(len(benches)) as beside:
        ended = list(beside.map(_run_share, benches, [plan] * len(benches), logs, range(len(benches))))
    results = [done for done, _report in ended]
    with log.open("ab") as whole:
        # the end of the log is what is shown where there is no report: so those that went wrong come last
        for number in sorted(range(len(logs)), key=lambda number: not results[number].ok):
            whole.write(f"\nProcess {number + 1} of {len(logs)}:\n".encode())
            with logs[number].open("rb") as part:
                shutil.copyfileobj(part, whole)
    together = dataclasses.replace(
        results[0],
        status=next((done.status for done in results if done.status), 0),
        timed_out=any(done.timed_out for done in results),
        seconds=max(done.seconds for done in results),
    )
    said = ["\n".join(_end(path, SHARE_LINES)) for path in logs]
    shares = [Share(done.status, report, lines) for (done, report), lines in zip(ended, said, strict=True)]
    return together, merge(shares)


def _run_share(bench: Bench, plan: AppTest, log: Path, process: int) -> tuple[command.Result, bytes | None]:
    junit = str(bench.work / "out" / "junit.xml")
    if plan.runner == "unittest":
        share = [str(process), str(plan.processes)]
        start = ["-s", plan.path] if plan.path else []
        argv = [bench.python, bench.driver(unittest_driver), junit, *share, *start, *plan.arguments]
    elif plan.runner == "pytest":
        path = [plan.path] if plan.path else []
        argv = [bench.python, "-m", "pytest", f"--junitxml={junit}", *plan.arguments, *path]
    else:
        argv = [*plan.command, *plan.arguments]
    return bench.run(argv, plan.timeout, log, {JUNIT_VARIABLE: junit}), bench.answer("junit.xml")


def _end(log: Path, lines: int) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]


def _hand_over(work: Path) -> None:
    """Give the tree and the writable folders to the user the tests run as."""
    account = pwd.getpwnam(enclosure.STRANGER)
    for folder, folders, files in os.walk(work):
        for name in [*folders, *files]:
            os.chown(os.path.join(folder, name), account.pw_uid, account.pw_gid, follow_symlinks=False)
