# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: this collection beside its peers, on equal hosts, one after the other in each round.

One more round than is counted goes first: it brings the packages into whatever caches lie before the registries.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import ipaddress
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.hosts.ready import free_port
from tests.ship import measured
from tests.ship.probe import Probe, ask
from tests.ship.project import ROOT, Project

from .contenders import HERE, Contender, Fabric, Ours, Pyinfra, downloads

CASES = ("bare_to_live", "new_commit", "idle", "failed_requests")
OUTPUT = ROOT / "build" / "bench" / "ship.json"
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


def visit(url: str, _name: str) -> str:
    """The mark of the page, in the form in which the probe looks for a commit."""
    found = MARK.search(ask(url))
    return json.dumps({"commit": found[1] if found else "?"})


def live(contender: Contender, what: str, mark: str) -> tuple[float, int]:
    """Seconds until every request gets the page with the mark, and how many requests failed."""
    begun = time.time()
    rate = RATES[what]
    with Probe(contender.host.url, rate, "/", visit=visit) as probe:
        contender.do(what)
        limit = time.monotonic() + LIVE_LIMIT
        while not _is_live(probe, mark, round(rate * SURE_SECONDS)):
            assert time.monotonic() < limit, f"{contender.name}, {what}: the page with {mark} did not come"
            time.sleep(0.1)
    asked = sorted((answer.at, answer.commit) for answer in probe.answers)
    others = [at for at, found in asked if found != mark]
    return min(at for at, _ in asked if at > max(others, default=begun)) - begun, len(probe.failures)


def _is_live(probe: Probe, mark: str, sure: int) -> bool:
    last = [answer.commit for answer in probe.answers[-sure:]]
    return len(last) == sure and set(last) == {mark}


def timed(contender: Contender, what: str) -> float:
    begun = time.monotonic()
    contender.do(what)
    return time.monotonic() - begun


def round_of(contender: Contender, project: Blog, number: int, folder: Path) -> dict[str, float]:
    contender.begin(folder)
    try:
        bare, _ = live(contender, "bare", project.marked(f"bare{number}{contender.name}"))
        commit, failed = live(contender, "commit", project.marked(f"next{number}{contender.name}"))
        found = {
            "bare_to_live": bare,
            "new_commit": commit,
            "idle": timed(contender, "idle"),
            "failed_requests": failed,
        }
    finally:
        contender.end()
    print(f"round {number}  {contender.name:8}", *(f"{case} {found[case]:.1f}" for case in CASES), flush=True)
    return found


@contextlib.contextmanager
def git_daemon(project: Project) -> Iterator[str]:
    """Where the hosts of the peers pull from: this machine, as they see it."""
    template = "{{(index .IPAM.Config 0).Subnet}}"
    argv = ["docker", "network", "inspect", "bridge", "--format", template]
    subnet = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    address, port = str(ipaddress.ip_network(subnet)[1]), free_port()
    argv = ["git", "daemon", "--reuseaddr", f"--listen={address}", f"--port={port}", "--export-all"]
    daemon = subprocess.Popen([*argv, f"--base-path={project.folder.parent}", str(project.folder.parent)])
    try:
        _wait_for(address, port)
        yield f"git://{address}:{port}/{project.folder.name}"
    finally:
        daemon.terminate()
        daemon.wait()


def _wait_for(address: str, port: int) -> None:
    limit = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection((address, port), 1).close()
        except OSError:
            assert time.monotonic() < limit, f"git daemon does not listen on {address}:{port}"
            time.sleep(0.05)


def python_of_tests(folder: Path) -> Path:
    """What the Fabric recipe tests with: the developer's own virtual environment, made beforehand."""
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    requirements = str(ROOT / "webapp" / "requirements.txt")
    environment = os.environ | downloads() | {"UV_SYSTEM_CERTS": "1"}
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", folder / "bin/python", "-r", requirements],
        check=True,
        env=environment,
    )
    return folder / "bin/python"


def table(rounds: dict[str, list[dict[str, float]]]) -> list[str]:
    """Medians with their ranges, and ours in shares of theirs."""
    lines = [f"{'':16}" + "".join(f"{name:>26}" for name in rounds)]
    for case in CASES:
        cells = []
        for found in rounds.values():
            values = [row[case] for row in found]
            cells.append(f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})")
        lines.append(f"{case:16}" + "".join(f"{cell:>26}" for cell in cells))
    return lines


def rows(rounds: dict[str, list[dict[str, float]]]) -> list[dict[str, str | float]]:
    return [
        {
            "case": case,
            **{name: round(statistics.median(row[case] for row in found), 2) for name, found in rounds.items()},
        }
        for case in CASES
    ]


def compete(
    contenders: Sequence[Contender], project: Blog, folder: Path, runs: int
) -> dict[str, list[dict[str, float]]]:
    rounds: dict[str, list[dict[str, float]]] = {contender.name: [] for contender in contenders}
    for number in range(runs + 1):
        shift = number % len(contenders)
        for contender in [*contenders[shift:], *contenders[:shift]]:
            own = folder / f"round-{number}"
            own.mkdir(mode=0o711, exist_ok=True)
            found = round_of(contender, project, number, own)
            if number:
                rounds[contender.name].append(found)
    return rounds


def main() -> None:
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--runs", type=int, default=5, help="rounds that are counted")
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="slipway-bench-"))
    folder.chmod(0o711)
    try:
        project = Blog(folder / "project")
        with git_daemon(project) as repository:
            peer = (project, repository, python_of_tests(folder / "tests"))
            rounds = compete([Ours(project), Fabric(*peer), Pyinfra(*peer)], project, folder, given.runs)
    finally:
        shutil.rmtree(folder)
    result = {"rows": rows(rounds), "runs": given.runs}
    where = {"ansible-core": importlib.metadata.version("ansible-core"), "python": platform.python_version()}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result | where | {"rounds": rounds}, indent=1) + "\n")
    measured.keep("bench", result | where | {"rounds": rounds})
    print(*table(rounds), "", f"{OUTPUT.relative_to(ROOT)} has each run.", sep="\n")


if __name__ == "__main__":
    main()
