# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine needs to reach package registries, for its hosts need the same: certificates, index, proxy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

CERTIFICATES = Path("/usr/local/share/ca-certificates")
PROXIES = ("http_proxy", "https_proxy", "no_proxy")


def certificates(folder: Path = CERTIFICATES) -> list[str]:
    """Authorities that somebody added to this machine."""
    return [str(path) for path in sorted(folder.rglob("*.crt"))]


def download_environment(environment: Mapping[str, str], index: str) -> dict[str, str]:
    """Empty on a machine that talks to the registries directly."""
    found = {name: environment[name] for name in PROXIES if environment.get(name)}
    if index:
        found |= {"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index}
    return found


def inventory_variables() -> dict[str, object]:
    """The collection's variables that carry these needs to a host."""
    pip = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    index = subprocess.run(pip, capture_output=True, text=True, check=False).stdout.strip()
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or index
    wanted: dict[str, object] = {"base_ca_certificates": certificates()}
    wanted["base_download_environment"] = download_environment(os.environ, index)
    return {name: value for name, value in wanted.items() if value}
