# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""uv, fetched once by pip with its hash: on hosts, and on a controller that has none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.command import run

VERSION = "0.13.9"
# its wheels for Linux on x86_64 and aarch64
HASHES = (
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
)
SECONDS = 1800


def fetch(tools: Path, python: str, environment: Mapping[str, str]) -> Path:
    """The program below `tools`; one rename puts it there, whoever else fetches it at the same time."""
    program = tools / f"uv-{VERSION}" / "uv"
    if program.exists():
        return program
    program.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tools, prefix=".uv-") as scratch:
        venv, wanted = Path(scratch, "venv"), Path(scratch, "wanted.txt")
        hashes = " ".join(f"--hash=sha256:{digest}" for digest in HASHES)
        wanted.write_text(f"uv=={VERSION} {hashes}\n", encoding="utf-8")
        pip = [
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--no-compile",
            "-r",
            str(wanted),
        ]
        for argv in ([python, "-m", "venv", str(venv)], [str(venv / "bin/pip"), *pip]):
            result = run(argv, timeout=SECONDS, env=environment, cwd="/")
            if not result.ok:
                raise SlipwayError(f"uv {VERSION} cannot be fetched:\n{result.tail()}")
        fresh = Path(scratch, "uv")
        shutil.copyfile(venv / "bin/uv", fresh)
        fresh.chmod(0o755)
        os.replace(fresh, program)
    return program
