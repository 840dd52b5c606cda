# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""uv, fetched once by pip with its hash: on hosts, and on a controller that has none.

Nothing but Python's own library is needed: a host that is getting its Python runs this very text (role base).
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

VERSION = "0.13.9"
# its wheels for Linux on x86_64 and aarch64
HASHES = (
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
)
# of a host
TOOLS = Path("/opt/slipway")
SECONDS = 1800
LINES = 20


# Where a Python keeps the pip that it gives to virtual environments; run from there, no environment has to be made.
_FIND_PIP = """
import ensurepip, glob, os
folders = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), "/usr/share/python-wheels"
print(next(wheel for folder in folders for wheel in sorted(glob.glob(folder + "/pip-*.whl"))))
"""
_INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--require-hashes")


class Failed(Exception):
    """Why uv cannot be had, for a person."""


def place(tools: Path) -> Path:
    """Where the program is or will be."""
    return tools / f"uv-{VERSION}" / "uv"


def fetch(tools: Path, python: str, environment: Mapping[str, str]) -> Path:
    """The program below `tools`; who else is fetching it is waited for, at most as long as pip may take."""
    program = place(tools)
    if not program.exists():
        tools.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.open(tools, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not program.exists():
                _install(tools, program, python, environment)
        finally:
            os.close(handle)
    return program


def fetch_on_host(download_environment: Mapping[str, str]) -> Path:
    """A host's own, with Debian's Python."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/root", **download_environment}
    return fetch(TOOLS, "/usr/bin/python3", environment)


def main() -> None:
    """In the background, told on standard input how an index is reached. Who waits for it tries again where it fails,
    and has its patience: so it tries once."""
    fetch_on_host({**json.load(sys.stdin), "PIP_RETRIES": "0"})


def _install(tools: Path, program: Path, python: str, environment: Mapping[str, str]) -> None:
    """One rename puts it there."""
    with tempfile.TemporaryDirectory(dir=tools, prefix=".uv-") as scratch:
        wanted, target = Path(scratch, "wanted.txt"), Path(scratch, "target")
        hashes = " ".join(f"--hash=sha256:{digest}" for digest in HASHES)
        wanted.write_text(f"uv=={VERSION} {hashes}\n", encoding="utf-8")
        pip = {"PYTHONPATH": _run([python, "-c", _FIND_PIP], environment).strip(), "PIP_ROOT_USER_ACTION": "ignore"}
        argv = [python, "-m", "pip", *_INSTALL, "--target", str(target), "--requirement", str(wanted)]
        _run(argv, {**environment, **pip})
        fresh = target / "bin/uv"
        fresh.chmod(0o755)
        program.parent.mkdir(mode=0o755, exist_ok=True)
        os.replace(fresh, program)


def _run(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            argv, timeout=SECONDS, env=environment, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"uv {VERSION} cannot be fetched: {error}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-LINES:]
        raise Failed("\n".join([f"uv {VERSION} cannot be fetched:", *said]))
    return done.stdout


if __name__ == "__main__":
    main()
