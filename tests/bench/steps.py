# SPDX-License-Identifier: GPL-3.0-or-later
"""What steps of Ansible cost over SSH: with the ordinary Python, with the interpreter that keeps them compiled, and
with Mitogen, which keeps a Python running instead. In turn, in several rounds; one more than is counted goes first.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests import hosts
from tests.hosts import Host, HostSet
from tests.ship import inside, measured
from tests.ship.project import ROOT
from tests.ship.test_step_cache import PROGRAM, SOURCE

from .contenders import STRATEGY

ORDINARY = "/usr/bin/python3"
PORT = 8099
PREPARE = f"""
apt-get -qq update && apt-get -qqy install --no-install-recommends python3 python3-apt >/dev/null
systemd-run --quiet --unit bench-web python3 -m http.server --bind 127.0.0.1 --directory /usr/share/doc {PORT}
printf '#!/bin/sh\\ntee /tmp/step.py | {ORDINARY}\\n' >/usr/local/bin/kept; chmod 755 /usr/local/bin/kept
"""
STAT: Mapping[str, Any] = {"ansible.builtin.stat": {"path": "/etc/passwd"}}
# None of them finds anything to do, from the second time on.
IDLE: list[dict[str, Any]] = [
    {"ansible.builtin.setup": {"gather_subset": ["!all"]}},
    {"ansible.builtin.apt": {"name": ["python3", "python3-apt"]}},
    {"ansible.builtin.user": {"name": "ann"}},
    {"ansible.builtin.file": {"path": "/srv/bench", "state": "directory", "mode": "0755"}},
    {"ansible.builtin.copy": {"content": "as it is\n", "dest": "/srv/bench/file", "mode": "0644"}},
    {"ansible.builtin.systemd_service": {"name": "ssh.service", "state": "started"}},
    {"ansible.builtin.uri": {"url": f"http://127.0.0.1:{PORT}/"}},
    {"ansible.builtin.command": {"argv": ["true"]}, "changed_when": False},
    {"ansible.builtin.file": {"path": "/srv/bench/none", "state": "absent"}},
    {"ansible.builtin.command": {"argv": ["id"]}, "changed_when": False},
]
CASES = {"20 stat steps": [STAT] * 20, "10 idle steps of 8 modules": IDLE}
ON_HOST = "a stat step on the host alone"


class Bench:
    """A host, and a folder with a playbook for each case."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wanted = folder, HostSet("bench-steps", groups={"web": ()})
        hosts.down(self.wanted.name)
        self.host: Host = hosts.up(self.wanted)[0]
        inside.sh(self.host, PREPARE)
        hosts.execute(self.host, "install", "-D", "/dev/stdin", PROGRAM, stdin=SOURCE.read_bytes())
        for case, tasks in {**CASES, ON_HOST: [STAT]}.items():
            (folder / f"{case}.yml").write_text(json.dumps([{"hosts": "web", "gather_facts": False, "tasks": tasks}]))
        self.run(ON_HOST, {"ansible_python_interpreter": "/usr/local/bin/kept"})

    def run(self, case: str, variables: Mapping[str, str], environment: Mapping[str, str] | None = None) -> float:
        argv = ["ansible-playbook", str(self.folder / f"{case}.yml"), "-i", str(hosts.folder(self.wanted.name))]
        begun = time.monotonic()
        subprocess.run(
            [*argv, "--extra-vars", json.dumps(variables)],
            cwd=ROOT,
            env=os.environ | (environment or {}),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return time.monotonic() - begun

    def on_host(self, python: str) -> float:
        """Seconds of one step, without the controller: what Ansible sent for one, twenty times."""
        loop = f"for turn in $(seq 20); do {python} </tmp/step.py >/dev/null; done"
        begun = time.monotonic()
        inside.sh(self.host, loop)
        return (time.monotonic() - begun) / 20

    def once(self, case: str, who: str) -> float:
        if who == "mitogen":
            return self.run(case, {"ansible_python_interpreter": ORDINARY}, STRATEGY)
        python = {"ordinary": ORDINARY, "step_cache": PROGRAM}[who]
        return self.on_host(python) if case == ON_HOST else self.run(case, {"ansible_python_interpreter": python})


def compete(bench: Bench, runs: int) -> dict[str, dict[str, list[float]]]:
    names = ("ordinary", "step_cache", "mitogen")
    found: dict[str, dict[str, list[float]]] = {
        case: {name: [] for name in names if (case, name) != (ON_HOST, "mitogen")} for case in (*CASES, ON_HOST)
    }
    for number in range(runs + 1):
        for case, rows in found.items():
            turn = [*list(rows)[number % len(rows) :], *list(rows)[: number % len(rows)]]
            for name in turn:
                seconds = bench.once(case, name)
                print(f"round {number}  {case:30} {name:12} {seconds:.3f}", flush=True)
                if number:
                    rows[name].append(round(seconds, 3))
    return found


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.steps", description=__doc__)
    asked.add_argument("--runs", type=int, default=7, help="rounds that are counted")
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="slipway-steps-"))
    try:
        found = compete(Bench(folder), given.runs)
    finally:
        shutil.rmtree(folder)
        hosts.down("bench-steps")
    rows = [
        {"case": case, **{name: round(statistics.median(times), 3) for name, times in by_name.items()}}
        for case, by_name in found.items()
    ]
    where = {"ansible-core": importlib.metadata.version("ansible-core"), "python": platform.python_version()}
    measured.keep("steps", {"rows": rows, "runs": given.runs, **where, "rounds": found})
    for row in rows:
        print(*(f"{value:>30}" if isinstance(value, str) else f"{value:>10.3f}" for value in row.values()))


if __name__ == "__main__":
    main()
