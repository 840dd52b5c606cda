# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pylock.toml (PEP 751) as requirements with hashes: uv installs from it, but cannot resolve further from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError


def requirements(text: str) -> str:
    """One line for each package of the lock, with its marker and every hash of its files."""
    try:
        packages = tomllib.loads(text).get("packages", [])
    except tomllib.TOMLDecodeError as error:
        raise SlipwayError(f"pylock.toml is not well-formed TOML: {error}.") from error
    return "".join(_line(package) for package in packages if "directory" not in package)


def _line(package: Mapping[str, Any]) -> str:
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    hashes = sorted({file["hashes"]["sha256"] for file in files if "sha256" in file.get("hashes", {})})
    name, version = package.get("name", "?"), package.get("version")
    if not version or not hashes:
        raise SlipwayError(
            f"pylock.toml: {name} has no version with SHA-256 hashes of its files, so it cannot be locked."
        )
    marker = f" ; {package['marker']}" if "marker" in package else ""
    return f"{name}=={version}{marker}" + "".join(f" --hash=sha256:{digest}" for digest in hashes) + "\n"
