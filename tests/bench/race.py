# SPDX-License-Identifier: GPL-3.0-or-later
"""A round: each contender takes its host from bare to live, to the next commit, and finds nothing to do."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.ship.probe import Probe, ask
from tests.ship.project import Project

from .contenders import HERE, Contender, Figures

PAGE = "webapp/templates/base.html"
MARK = re.compile(r"<!-- bench (\w+) -->")
# Requests a second, each on a connection of its own. Where nobody is served yet only the moment counts, and many
# questions would take the processor from what is measured.
RATES = {"bare": 10.0, "commit": 50.0}
SURE_SECONDS = 1.0  # so long the new page answered everybody
LIVE_LIMIT = 60.0


class Blog(Project):
    """The bundled blog with the configuration files of the peers' recipes in it, and a mark in each page."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.commit("Configuration comes from git", {f"deploy/{p.name}": p.read_text() for p in HERE.glob("deploy/*")})
        self.marked("first")

    def marked(self, mark: str) -> str:
        self.commit(mark, {PAGE: lambda old: MARK.sub("", old).replace("</body>", f"<!-- bench {mark} --></body>")})
        return mark


@dataclass
class Found:
    """What one contender needed: by case, as a visitor sees it, and by act, as who types it does."""

    cases: Figures = field(default_factory=dict)
    acts: dict[str, Figures] = field(default_factory=dict)


def visit(url: str, _name: str) -> str:
    """The mark of the page, in the form in which the probe looks for a commit."""
    found = MARK.search(ask(url))
    return json.dumps({"commit": found[1] if found else "?"})


def compete(contenders: Sequence[Contender], project: Blog, folder: Path, runs: int) -> dict[str, list[Found]]:
    """All rounds, each in another order; the first one is not counted."""
    rounds: dict[str, list[Found]] = {contender.name: [] for contender in contenders}
    for number in range(runs + 1):
        shift = number % len(contenders)
        for contender in [*contenders[shift:], *contenders[:shift]]:
            own = folder / f"round-{number}"
            own.mkdir(mode=0o711, exist_ok=True)
            found = _round_of(contender, project, number, own)
            told = (f"{case} {value:.1f}" for case, value in found.cases.items())
            print(f"round {number}  {contender.name:9}", *told, flush=True)
            if number:
                rounds[contender.name].append(found)
    return rounds


def _round_of(contender: Contender, project: Blog, number: int, folder: Path) -> Found:
    found = Found()
    contender.begin(folder)
    try:
        bare, _ = _live(contender, "bare", project.marked(f"bare{number}{contender.name}"), found)
        commit, failed = _live(contender, "commit", project.marked(f"next{number}{contender.name}"), found)
        for what in ("idle", *contender.further):
            found.acts[what] = contender.do(what)
    finally:
        contender.end()
    idle = found.acts["idle"]["seconds"]
    cases = {"bare_to_live": bare, "new_commit": commit, "idle": idle, "failed_requests": failed}
    found.cases = {case: value for case, value in cases.items() if case not in contender.unable}
    return found


def _live(contender: Contender, what: str, mark: str, found: Found) -> tuple[float, int]:
    """Seconds until every request gets the page with the mark, and how many requests failed."""
    begun = time.time()
    rate = RATES[what]
    with Probe(contender.host.url, rate, "/", visit=visit) as probe:
        found.acts[what] = contender.do(what)
        limit = time.monotonic() + LIVE_LIMIT
        while not _is_live(probe, mark, round(rate * SURE_SECONDS)):
            assert time.monotonic() < limit, f"{contender.name}, {what}: the page with {mark} did not come"
            time.sleep(0.1)
    asked = sorted((answer.at, answer.commit) for answer in probe.answers)
    others = [at for at, seen in asked if seen != mark]
    return min(at for at, _ in asked if at > max(others, default=begun)) - begun, len(probe.failures)


def _is_live(probe: Probe, mark: str, sure: int) -> bool:
    last = [answer.commit for answer in probe.answers[-sure:]]
    return len(last) == sure and set(last) == {mark}
