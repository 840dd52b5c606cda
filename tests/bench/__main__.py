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
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hosts.ready import free_port
from tests.ship import measured
from tests.ship.project import ROOT, Project

from . import report
from .contenders import Contender, Fabric, Mitogen, Ours, Pyinfra, Uncached, downloads
from .race import Blog, compete

OUTPUT = ROOT / "build" / "bench" / "ship.json"


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
    """What the Fabric recipe tests with: the developer's own virtual environment, compiled as one that was used is."""
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    requirements = str(ROOT / "webapp" / "requirements.txt")
    environment = os.environ | downloads() | {"UV_SYSTEM_CERTS": "1"}
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", folder / "bin/python", "-r", requirements],
        check=True,
        env=environment,
    )
    return folder / "bin/python"


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
            ours: list[Contender] = [Ours(project), Uncached(project), Mitogen(project)]
            rounds = compete([*ours, Fabric(*peer), Pyinfra(*peer)], project, folder, given.runs)
    finally:
        shutil.rmtree(folder)
    where = {"ansible-core": importlib.metadata.version("ansible-core"), "python": platform.python_version()}
    result = {"runs": given.runs} | where | report.figures(rounds)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n")
    measured.keep("bench", result)
    print(*report.tables(rounds), "", f"{OUTPUT.relative_to(ROOT)} has each run.", sep="\n")


if __name__ == "__main__":
    main()
