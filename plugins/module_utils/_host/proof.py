# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Try one candidate: its environment, its import, its tests, and the signed record when all of it is well."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import attestation, testreport
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import (
    export,
    gatecache,
    importcheck,
    isolation,
    runner,
    uv,
)
from ansible_collections.slipway.flask.plugins.module_utils._host.candidate import Candidate
from ansible_collections.slipway.flask.plugins.module_utils._host.gatelocks import Project
from ansible_collections.slipway.flask.plugins.module_utils._host.gaterecord import Record, Signer

LOG_LINES = 25


@dataclass(frozen=True)
class Workshop:
    """What every proof of one run shares."""

    cache: gatecache.GateCache
    project: Project
    artifact: Path
    signer: Signer
    uv: Callable[[], uv.Uv]


def prove(shop: Workshop, one: Candidate, record: Record, warnings: list[str]) -> dict[str, Any]:
    """Test the candidate and sign that it passed; an error tells a person why it did not."""
    record.begin()
    room = shop.cache.fresh_work()
    benches = _benches(shop, one, room, record.log)
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(_load, shop, one, room / "import", benches)
        try:
            report, seconds = _tested(benches, one, record) if one.plan.enabled else (testreport.EMPTY, 0.0)
        finally:
            # an application that cannot be loaded is the better reason, whatever its tests say
            warning = loading.result()
    if warning and warning not in warnings:
        warnings.append(warning)
    isolated = benches[0].isolation.name
    if isolated == "none":
        better = (
            "Type: apt install bubblewrap" if os.getuid() else "Use a Python outside of root's home, or another user"
        )
        warnings.append(f"the tests ran without isolation, as the user who holds the keys. {better}")
    build = {
        **one.outline(),
        "tests": report.counts(seconds) if one.plan.enabled else None,
        "isolation": isolated,
    }
    record.finish(_statement(shop, one, build), build, shop.signer)
    return {**build, **record.files()}


def _load(shop: Workshop, one: Candidate, work: Path, tests: Sequence[runner.Bench]) -> str:
    """Import the application in a tree of its own, while its tests run in theirs; they end when it cannot be loaded."""
    if not one.imports:
        return ""
    try:
        log = work.with_suffix(".log")
        bench = _bench(shop, one, work, log, tests[0])
        found = [importcheck.check(bench, variable, target, log) for variable, target in one.imports.items()]
        return "\n".join(filter(None, found))
    except SlipwayError:
        for each in tests:
            isolation.end_leftovers(each.mark)
        raise


def _benches(shop: Workshop, one: Candidate, room: Path, log: Path) -> list[runner.Bench]:
    """One for each process of the tests; the first makes the environment of all, and finds out how to isolate them."""
    folders = [room / f"tests-{number}" for number in range(int(one.plan.processes))]
    first = _bench(shop, one, folders[0], log)
    with ThreadPoolExecutor(len(folders)) as beside:
        return [first, *beside.map(lambda folder: _bench(shop, one, folder, log, first), folders[1:])]


def _bench(shop: Workshop, one: Candidate, work: Path, log: Path, first: runner.Bench | None = None) -> runner.Bench:
    locks = [one.lock, one.test_lock]
    digests = [export.digest(lock) for lock in locks]
    key = hashlib.sha256("\n".join([one.interpreter.path, one.interpreter.version, *digests]).encode()).hexdigest()[:16]
    venv = shop.cache.venv(key, lambda folder: shop.uv().environment_at(folder, one.interpreter, locks))
    (work / "tree").mkdir(parents=True)
    export.write_files(shop.project.repository, shop.project.entries, work / "tree")
    like = first.isolation if first else None
    bench = runner.set_up(work, venv, one.interpreter.prefix, shop.cache.root, one.plan, one.installs, like)
    if one.installs:
        runner.install_project(bench, log)
    return bench


def _tested(benches: Sequence[runner.Bench], one: Candidate, record: Record) -> tuple[testreport.Report, float]:
    done, junit = runner.run_tests(benches, one.plan, record.log)
    if junit is not None:
        gatecache.write(record.junit, junit)
    report, found = testreport.read(
        junit, status=done.status, timed_out=done.timed_out, timeout=one.plan.timeout, minimum=one.plan.minimum
    )
    if found:
        raise SlipwayError(_failure(benches, one, record, report, found, done.seconds))
    return report, done.seconds


def _failure(
    benches: Sequence[runner.Bench],
    one: Candidate,
    record: Record,
    report: testreport.Report,
    found: list[str],
    seconds: float,
) -> str:
    """What a person needs to mend it: which tests, the ends of their tracebacks, where the rest is."""
    told = testreport.describe(report.failures)
    if not told:
        lines = record.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        told = "\n".join(f"  {line}" for line in lines)
    for bench in benches:
        told = told.replace(f"{bench.tree}/", "")
    where = f"Whole output: {record.log}" + (f"\nJUnit report: {record.junit}" if record.junit.exists() else "")
    return (
        f"The tests of {one.app_name} at {one.commit.commit[:10]} ({one.commit.subject}) do not let it ship, "
        f"on Python {one.interpreter.version} after {seconds:.1f} s: {'; '.join(found)}.\n\n{told}\n\n{where}"
    )


def _statement(shop: Workshop, one: Candidate, build: Mapping[str, Any]) -> dict[str, Any]:
    ours = {
        "app_name": one.app_name,
        "commit": one.commit.commit,
        "tree": one.commit.tree,
        "subject": one.commit.subject,
        "python": one.minor,
        "finished_on": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "gate_version": attestation.GATE_VERSION,
        **{key: build[key] for key in ("interpreter", "tests", "isolation", "runner", "processes")},
    }
    return attestation.statement(
        artifact=export.digest(shop.artifact),
        lock=export.digest(one.lock),
        interpreter=one.interpreter.version,
        test_plan=one.plan.digest,
        untested=not one.plan.enabled,
        ours=ours,
    )
