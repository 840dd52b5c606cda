# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sites nginx serves on a host, ours and other people's."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import nginx, proc
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import text

# What Debian's nginx.conf includes, and itself.
PLACES = ("nginx.conf", "conf.d/*.conf", "sites-enabled/*")


def sites(root: Path) -> list[dict[str, Any]]:
    """One row for each server block. `path` is what nginx includes, `file` what it leads to."""
    found = [path for place in PLACES for path in sorted((root / "etc/nginx").glob(place))]
    visible = [path for path in found if not path.name.startswith(".") and path.is_file()]
    status = text(root / "var/lib/dpkg/status") if visible else ""
    return [row for path in visible for row in _rows(root, path, status)]


def _rows(root: Path, path: Path, status: str) -> list[dict[str, Any]]:
    content = text(path)
    file = "/" + os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    owner = nginx.owner_of(content)
    common = {
        "path": f"/{path.relative_to(root)}",
        "file": file,
        "ours": bool(owner),
        "app": owner,
        "pristine": _digest(path) == proc.conffile_digest(status, file),
    }
    return [{**common, **vars(server)} for server in nginx.servers(content)]


def _digest(path: Path) -> str:
    try:
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    except OSError:
        return "unreadable"
