# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sites that front servers serve on a host, ours and other people's."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import apache, fronts, nginx, proc
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import text

READERS = {"nginx": nginx.servers, "apache": apache.servers}


def sites(root: Path, front: str, status: str) -> list[dict[str, Any]]:
    """One row for each server of a front server. `path` is what it includes, `file` what that leads to; `status` tells
    what dpkg has placed."""
    found = [path for place in fronts.FRONTS[front].places for path in sorted(root.glob(place.lstrip("/")))]
    visible = [path for path in found if not path.name.startswith(".") and path.is_file()]
    rows = [row for path in visible for row in _rows(root, front, path, status)]
    return apache.with_defaults(rows) if front == "apache" else rows


def _rows(root: Path, front: str, path: Path, status: str) -> list[dict[str, Any]]:
    content = text(path)
    file = "/" + os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    owner = fronts.owner_of(content)
    common = {
        "path": f"/{path.relative_to(root)}",
        "file": file,
        "ours": bool(owner),
        "app": owner,
        "pristine": _digest(path) == proc.conffile_digest(status, file),
    }
    return [{**common, **vars(server)} for server in READERS[front](content)]


def _digest(path: Path) -> str:
    try:
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    except OSError:
        return "unreadable"
