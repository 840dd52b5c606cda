# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""uv, fetched once by pip with its hash: on hosts, and on a controller that has none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import files
from ansible_collections.slipway.flask.plugins.module_utils._host.command import run

VERSION = "0.13.9"
# its wheels for Linux on x86_64 and aarch64
HASHES = (
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
)
SECONDS = 1800


# Where a Python keeps the pip that it gives to virtual environments; run from there, no environment has to be made.
_FIND_PIP = """
import ensurepip, glob, os
folders = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), "/usr/share/python-wheels"
print(next(wheel for folder in folders for wheel in sorted(glob.glob(folder + "/pip-*.whl"))))
"""
_INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--require-hashes")


def place(tools: Path) -> Path:
    """Where the program is or will be."""
    return tools / f"uv-{VERSION}" / "uv"


def fetch(tools: Path, python: str, environment: Mapping[str, str]) -> Path:
    """The program below `tools`; who else is fetching it is waited for, at most as long as pip may take."""
    program = place(tools)
    if not program.exists():
        program.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with files.alone(tools):
            if not program.exists():
                _install(tools, program, python, environment)
    return program


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
        os.replace(fresh, program)


def _run(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    result = run(argv, timeout=SECONDS, env=environment, cwd="/")
    if not result.ok:
        raise SlipwayError(f"uv {VERSION} cannot be fetched:\n{result.tail()}")
    return result.stdout
